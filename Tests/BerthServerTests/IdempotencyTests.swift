import BerthJSON
import Foundation
import Synchronization
import Testing

@testable import BerthServer

@Suite("Idempotency-Key") struct IdempotencyTests {
    private static let body = #"{"resources":{"cpu":1}}"#

    @Test("a retry gets the same reservation, while it lives and when it has ended")
    func retry() async throws {
        try await TestServer.run { server in
            let key = ["Idempotency-Key": "5f1c 2d"]
            let first = try TestClient(server.path).call("POST", "/v1/reservations", Self.body, headers: key)
            let second = try TestClient(server.path).call("POST", "/v1/reservations", Self.body, headers: key)
            #expect(second.status == 201)
            #expect(second.json == first.json)
            #expect(second.headers["location"] == first.headers["location"])
            _ = try TestClient(server.path).call("DELETE", try #require(first.headers["location"]))
            let third = try TestClient(server.path).call("POST", "/v1/reservations", Self.body, headers: key)
            #expect(third["id"] == first["id"])
            #expect(third["state"] == "released")
        }
    }

    @Test("a retry while the first still runs gets the same answer, and nothing is reserved twice")
    func concurrent() async throws {
        try await TestServer.run { server in
            server.enforcer.orders.withLock { $0.enforceTime = .milliseconds(200) }
            let clients = try (0..<8).map { _ in try TestClient(server.path) }
            for client in clients {
                client.send(
                    "POST /v1/reservations HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n"
                        + "content-length: \(Self.body.utf8.count)\r\n\r\n" + Self.body)
            }
            let replies = try clients.map { try $0.reply() }
            #expect(replies.allSatisfy { $0.status == 201 })
            #expect(Set(replies.map(\.text)).count == 1)
            #expect(server.enforcer.orders.withLock { $0.enforced } == 1)
        }
    }

    @Test("another body under the same key is refused")
    func reused() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            _ = try client.call("POST", "/v1/reservations", Self.body, headers: ["idempotency-key": "k"])
            let reply = try client.call(
                "POST", "/v1/reservations", #"{"resources":{"cpu":2}}"#, headers: ["idempotency-key": "k"])
            #expect(reply.status == 422)
            #expect(reply.code == "key_reused")
        }
    }

    @Test("what is no key is refused", arguments: ["", String(repeating: "k", count: 256), "k\u{e9}", "a\tb"])
    func invalid(key: String) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(
                "POST", "/v1/reservations", Self.body, headers: ["idempotency-key": key])
            #expect(reply.status == 422)
            #expect(reply["parameter"] == "Idempotency-Key")
        }
    }

    @Test("two keys in one request are refused")
    func twice() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let reply = try client.call(
                "POST", "/v1/reservations", Self.body, headers: ["idempotency-key": "a", "Idempotency-Key": "b"])
            #expect(reply.status == 422)
        }
    }
}
