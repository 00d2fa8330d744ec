import Foundation
import NIOCore
import Support
import Testing

@testable import BerthServer

/// What comes out of sockets, damaged, in pieces, one behind the other.
@Suite("The edge") struct EdgeFuzzTests {
    private static let words = [
        "\r\n", "\n", "\r", "\r\n\r\n", ":", " ", "\t", "\u{0}", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "PRI * HTTP/2.0",
        "content-length: 5\r\n", "content-length: 99999999999999999999\r\n", "content-length: -1\r\n",
        "transfer-encoding: chunked\r\n", "transfer-encoding: gzip\r\n", "expect: 100-continue\r\n", "upgrade: h2c\r\n",
        "connection: close\r\n", "host: x\r\n", "idempotency-key: \r\n", "last-event-id: -1\r\n", "%", "%00", "%ff",
        "?",
        "&", "/..", "//", "ffffffffffffffff\r\n", "0\r\n\r\n", "{", "}", "\"", "\\ud800", "1e999", "é",
    ]

    @Test("[fuzz] answers what is damaged with 2xx or 4xx, or closes, and serves on with the descriptors that it had")
    func fuzz() async throws {
        var limits = Limits()
        limits.headTime = .milliseconds(200)
        limits.bodyTime = .milliseconds(200)
        limits.idleTime = .milliseconds(200)
        limits.lingerTime = .milliseconds(10)
        try await TestServer.run(limits: limits) { server in
            var generator = Fuzz.generator("the edge")
            #expect(try TestClient(server.path).call("GET", "/v1/health").status == 200)
            // Other tests of this process open files too; a leak would be of one in many hundreds of connections.
            let spare = 64
            let before = try EdgeFuzzTests.descriptors()
            for round in Fuzz.rounds() {
                let clients = try (0..<8).map { _ in try EdgeFuzzTests.client(server, &generator) }
                for client in clients { EdgeFuzzTests.check(client, "round \(round), \(generator.note)") }
            }
            #expect(try TestClient(server.path).call("GET", "/v1/health").status == 200, "\(generator.note)")
            // What is closed at one end takes a moment at the other.
            for _ in 0..<50 where try EdgeFuzzTests.descriptors() > before + spare { usleep(100_000) }
            #expect(try EdgeFuzzTests.descriptors() <= before + spare, "\(generator.note)")
        }
    }

    /// A client that has sent a few damaged requests, whole or in pieces, and perhaps nothing will follow.
    private static func client(_ server: TestServer, _ generator: inout SeededGenerator) throws -> TestClient {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) { bytes += request(&generator) }
        if Int.random(in: 0..<4, using: &generator) > 0 { bytes = generator.damaged(bytes, words: words) }
        let client = try TestClient(server.path, seconds: 5)
        let cut = Int.random(in: 0...bytes.count, using: &generator)
        for piece in Bool.random(using: &generator) ? [bytes[...]] : [bytes[..<cut], bytes[cut...]] {
            guard client.send(Array(piece)) else { break }
        }
        if Bool.random(using: &generator) { client.finish() }
        return client
    }

    private static func request(_ generator: inout SeededGenerator) -> [UInt8] {
        let method = BadInputTests.methods.randomElement(using: &generator) ?? "GET"
        let target = BadInputTests.targets.randomElement(using: &generator) ?? "/"
        var body = Array((BadInputTests.bodies.randomElement(using: &generator) ?? "").utf8)
        if Bool.random(using: &generator) { body = generator.damaged(body, words: words) }
        var head = "\(method) \(target) HTTP/1.1\r\nhost: x\r\n"
        guard Int.random(in: 0..<3, using: &generator) == 0 else {
            head += "content-length: \(body.count)\r\n\r\n"
            return Array(head.utf8) + body
        }
        head += "transfer-encoding: chunked\r\n\r\n\(String(body.count, radix: 16))\r\n"
        return Array(head.utf8) + body + Array("\r\n0\r\n\r\n".utf8)
    }

    /// The first answer; those behind it may belong to requests that the damage made of one.
    private static func check(_ client: TestClient, _ note: String) {
        if let head = try? client.head() {
            #expect(100..<500 ~= head.status, "\(head.status), \(note)")
        } else {
            #expect(client.isAtEnd, "neither an answer nor an end, \(note)")
        }
    }

    private static func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
