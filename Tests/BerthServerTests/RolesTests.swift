import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Foundation
import Testing

@testable import BerthServer

/// Runs a body as another user, on this thread alone: the calls behind seteuid(3) without what glibc adds for all threads.
private func asUser<Value>(_ user: UInt32, groups: [UInt32] = [], _ body: () throws -> Value) throws -> Value {
    typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
    let symbol = try #require(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "syscall"))
    let call = unsafeBitCast(symbol, to: Call.self)
    #if arch(arm64)
        let (setresuid, setgroups) = (147, 159)
    #else
        let (setresuid, setgroups) = (117, 116)
    #endif
    let set = groups.withUnsafeBufferPointer { call(setgroups, $0.count, Int(bitPattern: $0.baseAddress), 0) }
    try #require(set == 0)
    try #require(call(setresuid, -1, Int(user), -1) == 0)
    defer {
        _ = call(setresuid, -1, 0, -1)
        _ = call(setgroups, 0, 0, 0)
    }
    return try body()
}

@Suite("Peers and roles", .enabled(if: getuid() == 0, "only root can be another user"))
struct RolesTests {
    @Test("a client is the user that connected, whatever it says or becomes")
    func user() async throws {
        try await TestServer.run { server in
            let client = try asUser(4242) { try TestClient(server.path) }
            #expect(try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)["user"] == 4242)
        }
    }

    @Test("one user neither sees nor touches another's reservation")
    func others() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let place = try #require(
                try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#).headers["location"])
            let other = try asUser(4242) { try TestClient(server.path) }
            #expect(try other.call("GET", "/v1/reservations")["reservations"] == [])
            for (method, suffix, body) in [
                ("GET", "", nil), ("DELETE", "", nil), ("PATCH", "", #"{"resources":{"cpu":1}}"#),
                ("POST", "/attach", #"{"pid":7}"#), ("POST", "/renew", #"{"lease":60}"#),
            ] as [(String, String, String?)] {
                let reply = try other.call(method, place + suffix, body)
                #expect(reply.status == 403, "\(method) \(suffix)")
                #expect(reply.code == "not_yours")
            }
            let foreign = try #require(
                try other.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#).headers["location"])
            // The made-up processes are all root's.
            #expect(try other.call("POST", foreign + "/attach", #"{"pid":7}"#).code == "not_yours")
        }
    }

    @Test("a group of the peer gives a role; without one only health and the description answer")
    func groups() async throws {
        let roles = Roles(members: [.submit: .init(groups: [777]), .observe: .init(users: [5000])], others: nil)
        try await TestServer.run(roles: roles) { server in
            let member = try asUser(4242, groups: [700, 777]) { try TestClient(server.path) }
            #expect(try member.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#).status == 201)
            let observer = try asUser(5000) { try TestClient(server.path) }
            #expect(try observer.call("GET", "/v1/resources").status == 200)
            let refused = try observer.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            #expect(refused.status == 403)
            #expect(refused["role"] == "submit")
            let nobody = try asUser(4243) { try TestClient(server.path) }
            for target in ["/v1/resources", "/v1/host", "/v1/reservations", "/v1/events", "/metrics"] {
                let reply = try nobody.call("GET", target)
                #expect(reply.status == 403, "\(target)")
                #expect(reply.code == "role")
            }
            #expect(try nobody.call("GET", "/v1/health").status == 200)
            #expect(try nobody.call("GET", "/openapi.json").status == 200)
        }
    }

    @Test("caps are told by name")
    func caps() async throws {
        let caps = Caps(reservations: 1, lease: .seconds(60), quantities: [.memory: Quantity(1024)])
        let roles = Roles(members: [:], others: .submit, caps: caps)
        try await TestServer.run(roles: roles) { server in
            let client = try asUser(4242) { try TestClient(server.path) }
            let lease = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1},"lease":"2m"}"#)
            #expect(lease.status == 409)
            #expect(lease.code == "cap")
            #expect(lease["cap"] == ["name": "lease", "most": "1m"])
            let memory = try client.call("POST", "/v1/reservations", #"{"resources":{"memory":2048}}"#)
            #expect(memory.code == "cap")
            #expect(memory["cap"] == ["name": "memory", "most": 1024, "held": 0, "asked": 2048])
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let many = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            #expect(many.status == 429)
            #expect(many["cap"] == ["name": "reservations", "most": 1])
        }
    }

    @Test("a user's connections have an end, which is told; others' have not")
    func connections() async throws {
        var limits = Limits()
        limits.connectionsPerUser = 2
        try await TestServer.run(limits: limits) { server in
            let open = try asUser(4242) { try (0..<2).map { _ in try TestClient(server.path) } }
            for client in open { #expect(try client.call("GET", "/v1/health").status == 200) }
            let third = try asUser(4242) { try TestClient(server.path) }
            let refused = try third.call("GET", "/v1/health")
            #expect(refused.status == 429)
            #expect(refused.code == "too_many")
            #expect(refused.headers["connection"] == "close")
            #expect(refused.headers["retry-after"] == "1")
            #expect(third.waitForEnd())
            #expect(try asUser(4243) { try TestClient(server.path) }.call("GET", "/v1/health").status == 200)
            #expect(try TestClient(server.path).call("GET", "/v1/health").status == 200)
        }
    }

    @Test("a user's stream has its own events only")
    func stream() async throws {
        try await TestServer.run { server in
            let root = try TestClient(server.path)
            _ = try root.call("POST", "/v1/reservations", #"{"name":"secret","resources":{"cpu":1}}"#)
            let user = try asUser(4242) { try TestClient(server.path) }
            _ = try user.call("POST", "/v1/reservations", #"{"name":"own","resources":{"cpu":1}}"#)
            let stream = try asUser(4242) { try TestClient(server.path) }
            stream.send("GET /v1/events?since=0 HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(try stream.head().status == 200)
            var seen: [String] = []
            while !seen.contains("granted") {
                let event = try stream.event()
                #expect(event["data"]?.contains("secret") == false)
                seen.append(try #require(event["event"]))
            }
        }
    }
}
