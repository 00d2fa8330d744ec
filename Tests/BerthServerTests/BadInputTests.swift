import BerthJSON
import Foundation
import NIOCore
import Support
import Testing

@testable import BerthServer

@Suite("Bad input") struct BadInputTests {
    static let bodies = [
        #"{"name":"n","resources":{"cpu":{"amount":2,"limit":3},"memory":"4GiB"},"lease":"10m","labels":{"a":"b"}}"#,
        #"{"resources":{"storage":[{"device":"vda","read":"1MiB"}],"gpu":1,"network":"1Mbit"},"attach":"caller"}"#,
        #"{"pid":4}"#, #"{"lease":60}"#, #"{"resources":{"cpu":{"amount":2,"exclusive":true,"where":{"numa":0}}}}"#,
        "{}",
    ]
    static let targets = [
        "/v1/reservations", "/v1/reservations/000000000000", "/v1/reservations/000000000000/attach",
        "/v1/reservations/000000000000/renew", "/v1/resources", "/v1/host", "/v1/health", "/v1/explain",
        "/openapi.json",
        "/metrics", "/v1/reservations?state=failed", "/v1/reservations/000000000000?grace=1s",
        "http://a:1/v1/health?x=%41",
    ]
    static let methods = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"]

    /// Swaps, doubles, drops or replaces a few bytes.
    private static func spoiled(_ text: String, _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            case 3: bytes.swapAt(place, Int.random(in: bytes.indices, using: &generator))
            default: bytes[place] = Array(#"{}[]":,0-9eE.\"#.utf8).randomElement(using: &generator) ?? 0
            }
        }
        return bytes
    }

    @Test("spoiled bodies and targets are the client's mistake, never the server's")
    func bodies() async throws {
        try await TestServer.run { server in
            var generator = SeededGenerator.named("spoiled bodies")
            let note = generator.note
            var client = try TestClient(server.path)
            for _ in 0..<600 {
                let method = Self.methods.randomElement(using: &generator) ?? "GET"
                let target = Self.targets.randomElement(using: &generator) ?? "/"
                let body = Self.spoiled(Self.bodies.randomElement(using: &generator) ?? "", &generator)
                let head = "\(method) \(target) HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.count)\r\n\r\n"
                client.send(Array(head.utf8) + body)
                let reply = try client.reply(toHead: method == "HEAD")
                #expect(reply.status < 500, "\(method) \(target) \(String(decoding: body, as: UTF8.self)) \(note)")
                if reply.status >= 400, method != "HEAD" {
                    #expect(reply.headers["content-type"] == "application/problem+json")
                    #expect(reply.code != nil, "\(note)")
                }
                if reply.headers["connection"] == "close" { client = try TestClient(server.path) }
            }
        }
    }

    @Test("spoiled requests get an answer of the 2xx or 4xx, or the end of the connection, and harm no one else")
    func requests() async throws {
        var limits = Limits()
        limits.headTime = .milliseconds(100)
        limits.bodyTime = .milliseconds(100)
        limits.idleTime = .milliseconds(100)
        limits.lingerTime = .milliseconds(10)
        try await TestServer.run(limits: limits) { server in
            var generator = SeededGenerator.named("spoiled requests")
            let note = generator.note
            for _ in 0..<60 {
                var clients: [TestClient] = []
                for _ in 0..<10 {
                    let body = Self.bodies.randomElement(using: &generator) ?? ""
                    let text =
                        "\(Self.methods.dropLast().randomElement(using: &generator) ?? "GET") "
                        + "\(Self.targets.randomElement(using: &generator) ?? "/") HTTP/1.1\r\nhost: x\r\n"
                        + "content-type: application/json\r\nidempotency-key: k\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                    let client = try TestClient(server.path, seconds: 5)
                    client.send(Self.spoiled(text, &generator))
                    if Bool.random(using: &generator) { client.finish() }
                    clients.append(client)
                }
                for client in clients {
                    if let head = try? client.head() {
                        #expect(200..<300 ~= head.status || 400..<500 ~= head.status, "\(note)")
                    } else {
                        #expect(client.isAtEnd, "\(note)")
                    }
                }
            }
            #expect(try TestClient(server.path).call("GET", "/v1/health").status == 200)
        }
    }
}
