import BerthJSON
import Foundation
import NIOCore
import Support
import Testing

@testable import BerthServer

@Suite("Many clients", .serialized) struct CrowdTests {
    private static let canOpenMany: Bool = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit.rlim_cur >= 4400
    }()

    @Test("two thousand idle connections hold no one up", .enabled(if: canOpenMany, "needs 4,400 descriptors"))
    func idle() async throws {
        try await TestServer.run { server in
            let idle = try (0..<2000).map { _ in try TestClient(server.path) }
            let client = try TestClient(server.path)
            let began = ContinuousClock.now
            for _ in 0..<50 {
                let made = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
                #expect(made.status == 201)
                #expect(try client.call("DELETE", try #require(made.headers["location"])).status == 200)
            }
            #expect(ContinuousClock.now - began < .seconds(5))
            // The last and the first of the crowd are served as soon as they ask.
            #expect(try #require(idle.last).call("GET", "/v1/health").status == 200)
            #expect(try #require(idle.first).call("GET", "/v1/health").status == 200)
        }
    }

    @Test("no descriptor is left behind by clients that come and go, however they go")
    func descriptors() async throws {
        try await TestServer.run { server in
            func open() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
            _ = try TestClient(server.path).call("GET", "/v1/health")
            usleep(100_000)
            let before = try open()
            for round in 0..<100 {
                let client = try TestClient(server.path)
                switch round % 5 {
                case 0: break
                case 1: client.send("POST /v1/reservations HTTP/1.1\r\n")
                case 2: client.send("GARBAGE\r\n\r\n")
                case 3: client.send("GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n")
                default: _ = try client.call("POST", "/v1/reservations", #"{"resources":{"pids":1},"attach":"caller"}"#)
                }
            }
            var after = try open()
            for _ in 0..<50 where after > before {
                usleep(100_000)
                after = try open()
            }
            #expect(after <= before)
        }
    }

    @Test("past the cap on connections a client is told so, while those that are in are served")
    func cap() async throws {
        var limits = Limits()
        limits.connections = 1
        limits.lingerTime = .milliseconds(200)
        try await TestServer.run(limits: limits) { server in
            // Root may have 64 more.
            let open = try (0..<65).map { _ in try TestClient(server.path) }
            for client in open { #expect(try client.call("GET", "/v1/health").status == 200) }
            let refused = try TestClient(server.path).call("GET", "/v1/health")
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "1")
            #expect(try open[0].call("GET", "/v1/health").status == 200)
        }
    }

    @Test("many clients at once on two threads lose nothing and mix nothing up")
    func twoThreads() async throws {
        try await TestServer.run(threads: 2) { server in
            let clients = try (0..<32).map { _ in try TestClient(server.path) }
            for round in 0..<20 {
                for (index, client) in clients.enumerated() {
                    let body = #"{"name":"\#(round)-\#(index)","resources":{"pids":1}}"#
                    client.send(
                        "POST /v1/reservations HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n" + body
                    )
                }
                for (index, client) in clients.enumerated() {
                    #expect(try client.reply()["name"] == .string("\(round)-\(index)"))
                }
            }
            let metrics = try clients[0].call("GET", "/metrics").text
            #expect(
                metrics.contains(#"berth_http_requests_total{route="/v1/reservations",method="POST",code="201"} 640"#))
        }
    }
}
