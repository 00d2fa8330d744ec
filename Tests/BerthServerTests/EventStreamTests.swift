import BerthAgent
import BerthJSON
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import BerthServer

@Suite("The stream of events") struct EventStreamTests {
    private func open(_ server: TestServer, _ target: String, headers: String = "") throws -> TestClient {
        let client = try TestClient(server.path)
        client.send("GET \(target) HTTP/1.1\r\nhost: x\r\n\(headers)\r\n")
        return client
    }

    @Test("has what happened after an event and what happens from now on, without a gap")
    func follow() async throws {
        try await TestServer.run { server in
            let stream = try open(server, "/v1/events?since=0")
            let head = try stream.head()
            #expect(head.status == 200)
            #expect(head.headers["content-type"] == "text/event-stream")
            #expect(head.headers["berth-epoch"] == "epoch-1")
            #expect(try stream.event()["event"] == "booted")
            #expect(try stream.event()["event"] == "capacity_changed")
            let client = try TestClient(server.path)
            let made = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let granted = try stream.event()
            #expect(granted["event"] == "granted")
            #expect(granted["id"] == "3")
            let data = try JSONValue(parsing: try #require(granted["data"]))
            #expect(data[JSONPointer(["reservation"])] == made["id"])
            #expect(data[JSONPointer(["at"])] == made["created_at"])
            #expect(try stream.event()["event"] == "enforced")
            _ = try client.call("DELETE", try #require(made.headers["location"]))
            #expect(try stream.event()["event"] == "ended")
            #expect(try stream.event()["event"] == "freed")
        }
    }

    @Test("goes on where the client lost it, and Last-Event-ID counts more than the target")
    func resume() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            for _ in 0..<5 { _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#) }
            let first = try open(server, "/v1/events?since=4")
            _ = try first.head()
            #expect(try first.event()["id"] == "5")
            let second = try open(server, "/v1/events?since=4", headers: "last-event-id: 7\r\n")
            _ = try second.head()
            for id in 8...12 { #expect(try second.event()["id"] == "\(id)") }
        }
    }

    @Test("begins with what happens next where the client names no event")
    func latest() async throws {
        try await TestServer.run { server in
            let stream = try open(server, "/v1/events")
            #expect(try stream.head().status == 200)
            let client = try TestClient(server.path)
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            #expect(try stream.event()["id"] == "3")
        }
    }

    @Test(
        "events that are not kept, or not yet there, or another ledger's are 410 with the oldest",
        arguments: [
            "?since=1", "?since=99", "?since=7&epoch=other",
        ])
    func compacted(query: String) async throws {
        try await TestServer.run { server in
            // Enough that the agent must ask the ledger for old ones.
            let client = try TestClient(server.path)
            for _ in 0..<4 { _ = try client.call("POST", "/v1/reservations", #"{"resources":{"pids":1}}"#) }
            server.ledger.contents.withLock { $0.oldest = 5 }
            let restarted = try await TestServer(startsAgent: false)
            let contents = server.ledger.contents.withLock { $0 }
            restarted.ledger.contents.withLock { $0 = contents }
            _ = try await restarted.agent.start(capacity: TestServer.capacity, boot: "boot-1")
            let reply = try TestClient(restarted.path).call("GET", "/v1/events" + query)
            try await restarted.stop()
            #expect(reply.status == 410)
            #expect(reply.code == "compacted")
            #expect(reply["oldest"] == 5)
        }
    }

    @Test("the epoch of this ledger is taken")
    func epoch() async throws {
        try await TestServer.run { server in
            let head = try open(server, "/v1/events?epoch=epoch-1").head()
            #expect(head.status == 200)
        }
    }

    @Test("can be one reservation's only")
    func one() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let second = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":2}}"#)
            guard case .string(let id)? = second["id"] else { return }
            let stream = try open(server, "/v1/events?since=0&reservation=\(id)")
            _ = try stream.head()
            #expect(try stream.event()["id"] == "5")
        }
    }

    @Test("is kept alive by comments, and is never idle")
    func keepAlive() async throws {
        var limits = Limits()
        limits.keepAliveTime = .milliseconds(300)
        limits.idleTime = .milliseconds(400)
        try await TestServer.run(limits: limits) { server in
            let stream = try open(server, "/v1/events")
            _ = try stream.head()
            for _ in 0..<3 { _ = try stream.read(until: ": keep-alive\n\n") }
        }
    }

    @Test("lets the server sleep while nothing happens, however long it lasts")
    func rest() async throws {
        try await TestServer.run { server in
            let stream = try open(server, "/v1/events")
            _ = try stream.head()
            usleep(500_000)
            let before = try EventStreamTests.wakeUps()
            usleep(2_000_000)
            let after = try EventStreamTests.wakeUps()
            // A look at every deadline each quarter of a second would be eight.
            #expect(after.allSatisfy { thread, count in count - (before[thread] ?? count) <= 3 })
        }
    }

    /// How often each event loop of this process went to sleep.
    private static func wakeUps() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
            let status = try String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8)
            let fields = status.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
            guard fields.first?.last?.hasPrefix("NIO-ELT") == true,
                let count = fields.first(where: { $0.first == "voluntary_ctxt_switches:" })?.last
            else { continue }
            counts[task] = Int(count)
        }
        return counts
    }

    @Test("leaves nothing behind when the client goes")
    func gone() async throws {
        try await TestServer.run { server in
            do {
                let streams = try (0..<20).map { _ in try open(server, "/v1/events") }
                for stream in streams { _ = try stream.head() }
                let text = try TestClient(server.path).call("GET", "/metrics").text
                #expect(text.contains("\nberth_event_streams 20\n"))
            }
            usleep(300_000)
            let left = try TestClient(server.path).call("GET", "/metrics").text
            #expect(left.contains("\nberth_event_streams 0\n"))
            #expect(left.contains("\nberth_connections 1\n"))
        }
    }

    @Test("HEAD has the header only")
    func head() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            #expect(try client.call("HEAD", "/v1/events").status == 200)
            #expect(try client.call("GET", "/v1/health").status == 200)
        }
    }
}
