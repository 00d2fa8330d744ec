import BerthAgent
import BerthJSON
import Foundation
import Synchronization
import Testing

@testable import BerthServer

@Suite("Every call") struct APITests {
    @Test(
        "a method that the path does not have is 405 with those that it has",
        arguments: [
            ("/v1/reservations", "PUT", "GET, HEAD, POST"),
            ("/v1/reservations/000000000000", "POST", "GET, HEAD, PATCH, DELETE"),
            ("/v1/reservations/000000000000/attach", "GET", "POST"), ("/v1/health", "OPTIONS", "GET, HEAD"),
            ("/metrics", "QUERY", "GET, HEAD"), ("/v1/explain", "HEAD", "POST"),
        ])
    func method(path: String, method: String, allow: String) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(method, path)
            #expect(reply.status == 405)
            #expect(reply.headers["allow"] == allow)
            if method != "HEAD" { #expect(reply.code == "method") }
        }
    }

    @Test(
        "another path is 404",
        arguments: [
            "/", "/v1", "/v1/", "/v1/reservations/", "/v1/reservations//attach", "/v1/reservations/x/y", "//v1/health",
            "/v1/health/", "/V1/health", "/v1/%68ealth", "/v1/reservations/000000000000/attach/",
        ])
    func path(path: String) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("GET", path)
            #expect(reply.status == 404)
            #expect(reply.code == "unknown")
        }
    }

    @Test("a path that is nearly right gets a hint")
    func hint() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("GET", "/v1/resource")
            #expect(reply["hint"] == "did you mean /v1/resources?")
        }
    }

    @Test("HEAD is GET without the body")
    func head() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            for path in ["/v1/resources", "/v1/host", "/openapi.json", "/v1/nowhere"] {
                let get = try client.call("GET", path)
                let head = try client.call("HEAD", path)
                #expect(head.status == get.status)
                #expect(head.headers["content-length"] == get.headers["content-length"])
                #expect(head.headers["content-type"] == get.headers["content-type"])
            }
        }
    }

    @Test(
        "a body must be JSON by its header, if that says what it is",
        arguments: [
            ("text/plain", 415), ("application/x-www-form-urlencoded", 200), ("application/jsonx", 415), ("", 415),
            ("application/json", 200), ("Application/JSON; charset=utf-8", 200),
        ])
    func contentType(type: String, status: Int) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(
                "POST", "/v1/explain", #"{"resources":{"cpu":1}}"#, headers: ["content-type": type])
            #expect(reply.status == status)
            if status == 415 { #expect(reply["expected"] == "application/json") }
        }
    }

    @Test("a compressed body is refused, not taken for broken JSON")
    func encoding() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(
                "POST", "/v1/explain", "\u{1f}", headers: ["content-encoding": "gzip"])
            #expect(reply.status == 415)
        }
    }

    @Test("JSON deeper than 64 levels is refused")
    func depth() async throws {
        try await TestServer.run { server in
            let body = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
            let reply = try TestClient(server.path).call("POST", "/v1/explain", body)
            #expect(reply.status == 400)
            #expect(reply.code == "malformed")
        }
    }

    @Test("the host's document is what the server was given")
    func host() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("GET", "/v1/host")
            #expect(reply.json == ["kernel": "6.18"])
        }
    }

    @Test("health tells the version, the ledger and its last event")
    func health() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let reply = try client.call("GET", "/v1/health")
            #expect(reply["state"] == "serving")
            #expect(reply["version"] == "1.2.3")
            #expect(reply["epoch"] == "epoch-1")
            #expect(reply["last_event"] == 2)
            #expect(reply["uptime"] != nil)
        }
    }

    @Test("while the agent starts it answers 503 and when to come again; then it serves")
    func starting() async throws {
        try await TestServer.run(startsAgent: false) { server in
            let client = try TestClient(server.path)
            for path in ["/v1/health", "/v1/reservations", "/v1/resources", "/metrics", "/v1/events"] {
                let reply = try client.call("GET", path)
                #expect(reply.status == 503, "\(path)")
                #expect(reply.code == "unavailable")
                #expect(reply.headers["retry-after"] == "1")
            }
            #expect(try client.call("GET", "/openapi.json").status == 200)
            _ = try await server.agent.start(capacity: TestServer.capacity, boot: "boot-1")
            #expect(try client.call("GET", "/v1/health").status == 200)
            #expect(try client.call("GET", "/v1/reservations").status == 200)
        }
    }

    @Test("an agent that stops takes no more, and still answers what is asked of it")
    func draining() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            await server.agent.drain()
            let reply = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            #expect(reply.status == 503)
            #expect(reply.headers["retry-after"] != nil)
            #expect(try client.call("GET", "/v1/reservations").status == 200)
        }
    }

    @Test("a ledger that cannot be written is 503, and nothing is held")
    func ledger() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            #expect(try client.call("GET", "/v1/health")["ledger"] == "ok")
            server.ledger.contents.withLock { ($0.isBroken, $0.isLoadable) = (true, false) }
            // Its answer comes when the ledger can be read again.
            let other = try TestClient(server.path)
            let body = #"{"resources":{"cpu":1}}"#
            other.send(
                "POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body)
            var health = try client.call("GET", "/v1/health")
            while health.status == 200 { health = try client.call("GET", "/v1/health") }
            #expect(health.status == 503 && health["state"] == "reloading" && health["ledger"] == "unwritable")
            #expect(health["detail"].map { "\($0)" }?.contains("nothing can be reserved until it can: ") == true)
            server.ledger.contents.withLock { ($0.isBroken, $0.isLoadable) = (false, true) }
            let reply = try other.reply()
            #expect(reply.status == 503)
            #expect(reply.code == "ledger")
            #expect(reply.headers["retry-after"] == "1")
            health = try client.call("GET", "/v1/health")
            while health.status == 503 { health = try client.call("GET", "/v1/health") }
            #expect(health["ledger"] == "ok")
            #expect(try client.call("GET", "/v1/reservations")["reservations"] == [])
        }
    }
}
