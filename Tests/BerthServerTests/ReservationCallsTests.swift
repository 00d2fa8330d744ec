import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Foundation
import Synchronization
import Testing

@testable import BerthServer

@Suite("The calls about reservations") struct ReservationCallsTests {
    @Test("a reservation is made, looked at, changed, renewed, attached to and released")
    func life() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let made = try client.call(
                "POST", "/v1/reservations",
                #"{"name":"build","resources":{"cpu":"1500m","memory":"4GiB"},"lease":"10m","labels":{"a":"b"}}"#)
            #expect(made.status == 201)
            #expect(made.headers["content-type"] == "application/json")
            let place = try #require(made.headers["location"])
            #expect(made["state"] == "confirmed")
            #expect(made.at("/resources/cpu/amount") == .number(JSONNumber(15, decimals: 1)))
            #expect(made.at("/receipts/0/status") == "unsupported")

            let seen = try client.call("GET", place)
            #expect(seen.status == 200)
            #expect(seen["name"] == "build")
            #expect(seen.at("/usage/memory_bytes") == 4096)

            let changed = try client.call("PATCH", place, #"{"resources":{"memory":8589934592}}"#)
            #expect(changed.status == 200)
            #expect(changed.at("/resources/memory/amount") == 8_589_934_592)
            #expect(changed.at("/resources/cpu/amount") == .number(JSONNumber(15, decimals: 1)))

            let renewed = try client.call("POST", place + "/renew", #"{"lease":"20m"}"#)
            #expect(renewed.status == 200)
            #expect(renewed["lease"] == "20m")

            let attached = try client.call("POST", place + "/attach", "{}")
            #expect(attached.status == 200)
            #expect(attached["processes"] == [JSONValue(Int64(getpid()))])
            #expect(
                try client.call("POST", place + "/attach", #"{"pid":4242}"#)["processes"] == [
                    JSONValue(Int64(getpid())), 4242,
                ])

            #expect(try client.call("GET", "/v1/reservations")["reservations"] != [])
            let released = try client.call("DELETE", place + "?grace=0s")
            #expect(released.status == 200)
            #expect(released["state"] == "released")
            #expect(try client.call("DELETE", place).json == released.json)
            #expect(server.enforcer.orders.withLock { $0.graces } == [.zero])
            #expect(try client.call("GET", "/v1/reservations")["reservations"] == [])
            let ended = try client.call("GET", "/v1/reservations?state=released")
            #expect(ended.at("/reservations/0/id") == made["id"])
        }
    }

    @Test(
        "what is over is 410 for changes",
        arguments: [
            ("PATCH", "", #"{"resources":{"cpu":1}}"#), ("POST", "/attach", "{}"), ("POST", "/renew", #"{"lease":60}"#),
        ])
    func over(method: String, suffix: String, body: String) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let made = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let place = try #require(made.headers["location"])
            _ = try client.call("DELETE", place)
            let reply = try client.call(method, place + suffix, body)
            #expect(reply.status == 410)
            #expect(reply.code == "ended")
            #expect(reply["reason"] == "released")
        }
    }

    @Test(
        "a body that is no request is refused with the place of what is wrong",
        arguments: [
            (#"{"resources":{"cpu":1}"#, 400, "malformed", nil), ("", 400, "malformed", nil),
            ("[]", 422, "invalid", ""), ("{}", 422, "invalid", "/resources"),
            (#"{"resources":{"cpu":0}}"#, 422, "invalid", "/resources/cpu"),
            (#"{"resources":{"cpu":1,"cpu":1}}"#, 422, "invalid", "/resources/cpu"),
            (#"{"resources":{"gpu":1},"lease":"soon"}"#, 422, "invalid", "/lease"),
            (#"{"resources":{"cpu":{"amount":2,"limit":1}}}"#, 422, "invalid", "/resources/cpu/limit"),
            (#"{"resources":{"cpu":1},"name":"\u0007"}"#, 422, "invalid", "/name"),
        ] as [(String, Int, String, String?)])
    func invalid(body: String, status: Int, code: String, pointer: String?) async throws {
        try await TestServer.run { server in
            for path in ["/v1/reservations", "/v1/explain"] {
                let reply = try TestClient(server.path).call("POST", path, body)
                #expect(reply.status == status)
                #expect(reply.code == code)
                #expect(reply["pointer"] == pointer.map { .string($0) })
                #expect(reply.headers["content-type"] == "application/problem+json")
            }
        }
    }

    @Test("what makes no sense on this host lists each broken rule")
    func violations() async throws {
        try await TestServer.run { server in
            let body =
                #"{"resources":{"storage":[{"device":"sdz","read":1}],"gpu":{"amount":1,"where":{"colour":"red"}}}}"#
            let reply = try TestClient(server.path).call("POST", "/v1/reservations", body)
            #expect(reply.status == 422)
            #expect(reply.code == "invalid")
            #expect(reply.at("/violations/0/code") == "unknown_capability")
            #expect(reply.at("/violations/1/code") == "unknown_device")
            #expect(reply["pointer"] == reply.at("/violations/0/pointer"))
            let explained = try TestClient(server.path).call("POST", "/v1/explain", body)
            #expect(explained.at("/problem/violations") == reply["violations"])
        }
    }

    @Test("an unknown field gets the nearest known name")
    func nearest() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call("POST", "/v1/reservations", #"{"resources":{"memroy":1}}"#)
            #expect(reply["hint"] == #"did you mean "memory"?"#)
            #expect(reply["pointer"] == "/resources/memroy")
        }
    }

    @Test("what does not fit names every short type, and whether it ever could")
    func insufficient() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let reply = try client.call(
                "POST", "/v1/reservations", #"{"resources":{"cpu":9,"memory":"32GiB","pids":1}}"#)
            #expect(reply.status == 409)
            #expect(reply.code == "insufficient")
            #expect(reply["ever"] == false)
            #expect(
                reply["shortfalls"] == [
                    ["type": "cpu", "asked": 9, "free": 8, "capacity": 8, "ever": false],
                    [
                        "type": "memory", "asked": 34_359_738_368, "free": 17_179_869_184, "capacity": 17_179_869_184,
                        "ever": false,
                    ],
                ])
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":6}}"#)
            let later = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":4}}"#)
            #expect(later["ever"] == true)
            #expect(later["shortfalls"] == [["type": "cpu", "asked": 4, "free": 2, "capacity": 8]])
            let rate = try client.call(
                "POST", "/v1/reservations", #"{"resources":{"storage":[{"device":"vda1","read":"2GiB"}]}}"#)
            #expect(rate.at("/shortfalls/0/device") == "vda")
            #expect(rate.at("/shortfalls/0/rate") == "read")
        }
    }

    @Test("what helps is told by who asks: for something new, or for more of what it holds")
    func hints() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            _ = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":6}}"#)
            let held = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1},"lease":"10m"}"#)
            let place = try #require(held.headers["location"])
            let now = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":4}}"#)
            #expect(now["hint"] == #"ask for less, or say "wait": "10m" to wait in turn"#)
            let more = try client.call("PATCH", place, #"{"resources":{"cpu":4}}"#)
            #expect(more.status == 409 && more["hint"] == "ask for less, or again when something was released")
        }
    }

    @Test("a request that insists on enforcement is refused with the receipts where nothing enforces")
    func unenforceable() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(
                "POST", "/v1/reservations", #"{"resources":{"cpu":1},"enforce":"required"}"#)
            #expect(reply.status == 409)
            #expect(reply.code == "unenforceable")
            #expect(reply.at("/receipts/0/type") == "cpu")
        }
    }

    @Test("a process is attached to one reservation at a time, and must be there")
    func held() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let first = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let second = try client.call("POST", "/v1/reservations", #"{"resources":{"cpu":1}}"#)
            let place = try #require(second.headers["location"]) + "/attach"
            _ = try client.call("POST", try #require(first.headers["location"]) + "/attach", #"{"pid":77}"#)
            let held = try client.call("POST", place, #"{"pid":77}"#)
            #expect(held.status == 409)
            #expect(held.code == "held_elsewhere")
            #expect(held["reservation"] == first["id"])
            #expect(try client.call("POST", place, #"{"pid":100000}"#).code == "no_process")
            #expect(try client.call("POST", place, #"{"pid":0}"#)["pointer"] == "/pid")
            #expect(try client.call("POST", place, #"{"pid":2147483648}"#).status == 422)
            server.enforcer.orders.withLock { $0.attachError = .kernel("write 78 to cgroup.procs: EBUSY") }
            let refused = try client.call("POST", place, #"{"pid":78}"#)
            #expect(refused.status == 409)
            #expect(refused.code == "enforcement")
        }
    }

    @Test("an id that is none, or nobody's, is 404", arguments: ["x", "000000000000", "00000000000w", "%30"])
    func unknown(id: String) async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            for (method, suffix, body) in [
                ("GET", "", nil), ("DELETE", "", nil), ("PATCH", "", #"{"resources":{"cpu":1}}"#),
                ("POST", "/attach", "{}"), ("POST", "/renew", #"{"lease":60}"#),
            ] as [(String, String, String?)] {
                let reply = try client.call(method, "/v1/reservations/\(id)\(suffix)", body)
                #expect(reply.status == 404, "\(method) \(suffix)")
                #expect(reply.code == "unknown")
            }
        }
    }

    @Test("explain says what would be granted or why not, and holds nothing")
    func explain() async throws {
        try await TestServer.run { server in
            let client = try TestClient(server.path)
            let yes = try client.call("POST", "/v1/explain", #"{"resources":{"cpu":{"amount":3,"exclusive":true}}}"#)
            #expect(yes.status == 200)
            #expect(yes["granted"] == true)
            #expect(yes.at("/resources/cpu/asked") == 3)
            #expect(yes.at("/units/3/name") != nil)
            let no = try client.call("POST", "/v1/explain", #"{"resources":{"gpu":2}}"#)
            #expect(no.status == 200)
            #expect(no["granted"] == false)
            #expect(no.at("/problem/code") == "insufficient")
            #expect(try client.call("GET", "/v1/reservations")["reservations"] == [])
        }
    }

    @Test("a caller that is attached with the grant is asked for by its connection")
    func attachesCaller() async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(
                "POST", "/v1/reservations", #"{"resources":{"cpu":1},"attach":"caller"}"#)
            #expect(reply.status == 201)
            #expect(reply["processes"] == [JSONValue(Int64(getpid()))])
            #expect(server.sockets.asked.withLock { $0 } == [getpid()])
        }
    }

    @Test(
        "query parameters are as strict as bodies",
        arguments: [
            ("DELETE", "/v1/reservations/000000000000?grace=soon", 422, "grace"),
            ("DELETE", "/v1/reservations/000000000000?grace=2h", 422, "grace"),
            ("GET", "/v1/reservations?state=dead", 422, "state"),
            ("GET", "/v1/reservations?state=failed&state=failed", 422, "state"),
            ("GET", "/v1/reservations?stat=failed", 422, "stat"),
            ("GET", "/v1/health?x", 422, "x"), ("GET", "/v1/events?since=-1", 422, "since"),
            ("GET", "/v1/events?since=1e3", 422, "since"), ("GET", "/v1/events?reservation=x", 422, "reservation"),
            ("GET", "/v1/reservations?state=%zz", 400, nil), ("GET", "/v1/reservations?state=%ff", 400, nil),
        ] as [(String, String, Int, String?)])
    func query(method: String, target: String, status: Int, parameter: String?) async throws {
        try await TestServer.run { server in
            let reply = try TestClient(server.path).call(method, target)
            #expect(reply.status == status)
            #expect(reply["parameter"] == parameter.map { .string($0) })
        }
    }
}
