import BerthJSON
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import BerthServer

@Suite("The edge") struct EdgeHandlerTests {
    private static let body = #"{"resources":{"cpu":1}}"#

    private static var quick: Limits {
        var limits = Limits()
        limits.headTime = .milliseconds(300)
        limits.bodyTime = .milliseconds(300)
        limits.idleTime = .milliseconds(600)
        limits.lingerTime = .milliseconds(300)
        return limits
    }

    @Test(
        "bytes that are no HTTP/1.1 get 400 as a problem, and the connection ends",
        arguments: [
            "GARBAGE\r\n\r\n", "GET /v1/health\r\n\r\n", "GET /v1/health HTTP/2.0\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nno colon\r\n\r\n", "GET /v1/health HTTP/1.1\r\n: empty\r\n\r\n",
            "POST /v1/explain HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n",
            "POST /v1/explain HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
            "POST /v1/explain HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
            "GET v1/health HTTP/1.1\r\nhost: x\r\n\r\n", "GET \u{1}/ HTTP/1.1\r\nhost: x\r\n\r\n",
            "CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n", "\r\n\r\n\u{16}\u{3}\u{1}",
        ])
    func malformed(text: String) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            client.send(text)
            let reply = try client.reply()
            #expect(reply.status == 400)
            #expect(reply.code == "malformed")
            #expect(reply.headers["content-type"] == "application/problem+json")
            #expect(reply.headers["connection"] == "close")
            #expect(client.waitForEnd())
        }
    }

    @Test(
        "a body that breaks off is never acted on, though what came of it would be a request",
        arguments: [
            ("content-length: 200\r\n\r\n" + body, true), ("content-length: 200\r\n\r\n" + body, false),
            ("transfer-encoding: chunked\r\n\r\n17\r\n" + body + "\r\n", true),
            ("transfer-encoding: chunked\r\n\r\n17\r\n" + body + "\r\nxyz\r\n", false),
        ])
    func brokenBody(rest: String, isHalfClosed: Bool) async throws {
        try await TestServer.run(limits: Self.quick) { server in
            let client = try TestClient(server.path)
            client.send("POST /v1/reservations HTTP/1.1\r\nhost: x\r\n" + rest)
            if isHalfClosed { client.finish() }
            let reply = try client.reply()
            #expect(reply.status == 400 || reply.status == 408)
            #expect(client.waitForEnd())
            do {
                let gone = try TestClient(server.path)
                gone.send("POST /v1/reservations HTTP/1.1\r\nhost: x\r\n" + rest)
            }
            #expect(try TestClient(server.path).call("GET", "/v1/reservations")["reservations"] == [])
            #expect(server.enforcer.orders.withLock { $0.enforced } == 0)
        }
    }

    @Test("a body that breaks off because the server stops is never acted on")
    func brokenByStop() async throws {
        var limits = Limits()
        limits.shutdownTime = .milliseconds(100)
        let server = try await TestServer(limits: limits)
        let client = try TestClient(server.path)
        client.send("POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: 200\r\n\r\n" + Self.body)
        try await Task.sleep(for: .milliseconds(200))
        try await server.stop()
        #expect(server.enforcer.orders.withLock { $0.enforced } == 0)
    }

    @Test("a slow header and a slow body get 408, however steadily they drip", arguments: [true, false])
    func slow(isHeader: Bool) async throws {
        try await TestServer.run(limits: Self.quick) { server in
            let client = try TestClient(server.path)
            client.send("POST /v1/explain HTTP/1.1\r\n" + (isHeader ? "x: " : "host: x\r\ncontent-length: 100\r\n\r\n"))
            for _ in 0..<30 where client.send(" ") { usleep(50_000) }
            let reply = try client.reply()
            #expect(reply.status == 408)
            #expect(reply.code == "timeout")
            #expect(client.waitForEnd())
        }
    }

    @Test("an idle connection is closed without a word, a fresh one and a used one alike")
    func idle() async throws {
        try await TestServer.run(limits: Self.quick) { server in
            let fresh = try TestClient(server.path, seconds: 3)
            let used = try TestClient(server.path, seconds: 3)
            #expect(try used.call("GET", "/v1/health").status == 200)
            #expect(fresh.waitForEnd())
            #expect(used.waitForEnd())
        }
    }

    @Test("while the agent works nothing is idle or slow")
    func longAnswer() async throws {
        try await TestServer.run(limits: Self.quick) { server in
            server.enforcer.orders.withLock { $0.enforceTime = .milliseconds(1500) }
            let client = try TestClient(server.path)
            #expect(try client.call("POST", "/v1/reservations", Self.body).status == 201)
        }
    }

    @Test("a client that has said all it will say is still answered", arguments: [1, 400])
    func halfClose(count: Int) async throws {
        try await TestServer.run { server in
            let maker = try TestClient(server.path)
            // Enough for an answer larger than a socket's buffer.
            let body = #"{"resources":{"pids":1},"labels":{"a":"\#(String(repeating: "x", count: 250))"}}"#
            for _ in 0..<count { #expect(try maker.call("POST", "/v1/reservations", body).status == 201) }
            let client = try TestClient(server.path)
            client.send("GET /v1/reservations HTTP/1.1\r\nhost: x\r\n\r\n")
            client.finish()
            usleep(100_000)
            guard case .array(let all)? = try client.reply()["reservations"] else {
                Issue.record("no reservations")
                return
            }
            #expect(all.count == count)
            #expect(client.waitForEnd())
        }
    }

    @Test("requests that are sent at once are answered in order, and the connection stays open")
    func pipelining() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let post =
                "POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(Self.body.utf8.count)\r\n\r\n"
                + Self.body
            client.send(
                "GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n" + post + "GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n"
                    + "HEAD /v1/reservations HTTP/1.1\r\nhost: x\r\n\r\n" + post)
            #expect(try client.reply().status == 200)
            #expect(try client.reply().status == 201)
            #expect(try client.reply().status == 404)
            #expect(try client.reply(toHead: true).status == 200)
            #expect(try client.reply().status == 201)
            #expect(try client.call("GET", "/v1/health").status == 200)
        }
    }

    @Test("a thousand requests sent at once are all answered, and not all read at once")
    func manyAtOnce() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let request = "GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n"
            client.send(String(repeating: request, count: 1000))
            for _ in 0..<1000 { #expect(try client.reply().status == 200) }
        }
    }

    @Test(
        "after Connection: close and HTTP/1.0 the connection ends with the answer",
        arguments: [
            "GET /v1/health HTTP/1.1\r\nhost: x\r\nConnection: Close\r\n\r\n", "GET /v1/health HTTP/1.0\r\n\r\n",
            "GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
        ])
    func close(text: String) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path, seconds: 3)
            // What follows the last request is not a request.
            client.send(text + "GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n")
            let reply = try client.reply()
            #expect(reply.status == 200)
            #expect(reply.headers["connection"] == "close")
            #expect(client.waitForEnd())
            #expect(throws: TestClient.Failure.self) { try client.reply() }
        }
    }

    @Test("HTTP/1.0 with keep-alive keeps the connection")
    func oldKeepAlive() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            for _ in 0..<2 {
                client.send("GET /v1/health HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
                #expect(try client.reply().status == 200)
            }
        }
    }

    @Test(
        "targets that are whole URIs are taken, as HTTP asks",
        arguments: [
            "http://localhost/v1/health", "http://localhost:80/v1/health", "http://x/v1/health#part",
        ])
    func absolute(target: String) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("GET", target)
            #expect(reply.status == 200)
        }
    }

    @Test("a body over the limit gets 413 before it is read, by length and by chunks", arguments: [true, false])
    func oversize(isChunked: Bool) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let size = (1 << 20) + 1
            client.send(
                "POST /v1/reservations HTTP/1.1\r\nhost: x\r\n"
                    + (isChunked ? "transfer-encoding: chunked\r\n\r\n" : "content-length: \(size)\r\n\r\n"))
            if isChunked {
                for _ in 0..<17 { client.send("10000\r\n" + String(repeating: " ", count: 65_536) + "\r\n") }
            }
            let reply = try client.reply()
            #expect(reply.status == 413)
            #expect(reply.code == "too_large")
            #expect(reply.headers["connection"] == "close")
            #expect(client.waitForEnd())
        }
    }

    @Test("a body of just the limit is read")
    func largest() async throws {
        try await TestServer.run { server in
            let body = Self.body + String(repeating: " ", count: (1 << 20) - Self.body.utf8.count)
            let client = try TestClient(server.path)
            #expect(try client.call("POST", "/v1/explain", body).status == 200)
            #expect(try client.call("POST", "/v1/explain", body + " ").status == 413)
        }
    }

    @Test("a client that asks whether it may send its body is told so, unless it is too large")
    func expectation() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            client.send(
                "POST /v1/explain HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: \(Self.body.utf8.count)\r\n\r\n"
            )
            #expect(try client.reply().status == 100)
            client.send(Self.body)
            #expect(try client.reply().status == 200)
            client.send(
                "POST /v1/explain HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9999999\r\n\r\n")
            #expect(try client.reply().status == 413)
        }
    }

    @Test(
        "header fields and targets have an end",
        arguments: [
            "x: " + String(repeating: "y", count: 40_000), (0..<200).map { "x\($0): y" }.joined(separator: "\r\n"),
        ])
    func largeHead(fields: String) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            client.send("GET /v1/health HTTP/1.1\r\nhost: x\r\n\(fields)\r\n\r\n")
            let reply = try client.reply()
            #expect(reply.status == 431)
            #expect(reply.code == "head_too_large")
            let long = try TestClient(server.path)
            long.send("GET /" + String(repeating: "y", count: 40_000) + " HTTP/1.1\r\n\r\n")
            #expect(try long.reply().status == 431)
        }
    }

    @Test("bytes without end that never become a request are cut off")
    func endless() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            for _ in 0..<64 where client.send(String(repeating: "\r\n", count: 4096)) {}
            #expect(try client.reply().status == 400)
            #expect(client.waitForEnd())
        }
    }

    @Test("a client that reads nothing is closed in time, and holds no one else up")
    func stalled() async throws {
        var limits = Limits()
        limits.writeTime = .milliseconds(500)
        try await TestServer.run(limits: limits) { server in
            let client = try TestClient(server.path)
            let request = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
            client.send(String(repeating: request, count: 100))
            usleep(300_000)
            #expect(try TestClient(server.path).call("GET", "/v1/health").status == 200)
            usleep(1_500_000)
            #expect(client.waitForEnd())
        }
    }

    @Test("a client that goes while the agent works does not stop the work")
    func gone() async throws {
        try await TestServer.run { server in
            server.enforcer.orders.withLock { $0.enforceTime = .milliseconds(300) }
            do {
                let client = try TestClient(server.path)
                client.send(
                    "POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(Self.body.utf8.count)\r\n\r\n"
                        + Self.body)
                usleep(100_000)
            }
            usleep(600_000)
            let reply = try TestClient(server.path).call("GET", "/v1/reservations")
            #expect(reply.at("/reservations/0/receipts/0/status") == "unsupported")
        }
    }

    @Test("every answer has a date")
    func date() async throws {
        try await TestServer.run { server in
            let date = try #require(try TestClient(server.path).call("GET", "/v1/health").headers["date"])
            #expect(date.hasSuffix(" GMT"))
            #expect(date.count == 29)
        }
    }
}
