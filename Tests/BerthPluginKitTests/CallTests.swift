import BerthJSON
import BerthPluginKit
import Testing

@Suite("A call") struct CallTests {
    private static let allocation = Allocation(
        reservation: "r1", type: "a.b/c", units: ["x", "y"], user: 1000, parameters: ["k": [1, nil]])
    private static let question = Question(
        .resize, request: ["name": "n"], user: 7, groups: [7, 8], proposal: ["a": 1], host: ["b": 2])
    static let all: [Call] = [
        .start(types: ["a.b/c"], configuration: ["seats": 5], state: "/s", held: [allocation]),
        .start(types: [], configuration: [:], state: nil, held: []), .discover,
        .check(Ask("a.b/c", amount: 2, parameters: ["p": "q"])), .allocate(allocation), .release(reservation: "r1"),
        .usage(reservations: ["r1", "r2"]), .scale(type: "a.b/c", target: 9), .amend(question), .validate(question),
    ]

    @Test("is read as it was written", arguments: all)
    func roundTrip(call: Call) throws {
        let text = call.json.description
        #expect(try Call(reading: try JSONValue(parsing: text)) == call)
    }

    @Test("of another name is none, and one that lacks something says what")
    func refusals() throws {
        #expect(try Call(reading: ["call": "dance"]) == nil)
        #expect(throws: JSONFieldError.self) { try Call(reading: ["call": "release"]) }
        #expect(throws: JSONFieldError.self) { try Call(reading: [:]) }
        #expect(throws: JSONFieldError.self) { try Call(reading: [1]) }
    }

    @Test("may say more than a plugin knows")
    func newer() throws {
        #expect(try Call(reading: ["call": "release", "reservation": "r", "why": "x"]) == .release(reservation: "r"))
    }

    @Test("is answered with values that are read as they were written")
    func answers() throws {
        let unit = Unit("a", state: .failed, reason: "broken", capabilities: ["k": 1], node: 1)
        let offer = Offer("a.b/c", units: [unit, Unit("b")])
        #expect(try Offer.reader.read(offer.json) == offer)
        let provision = Provision(
            environment: ["A": "1"], devices: [Device(isBlock: true, major: 8, minor: 1)],
            cgroup: Narrowing(nodes: "0-1", pids: 5, disks: [.init("vda", read: 1, writeOperations: 2)]),
            quotas: ["d": 10])
        let cgroup: JSONValue = [
            "cpuset.mems": "0-1", "pids.max": 5, "io.max": [["device": "vda", "read": 1, "write_iops": 2]],
        ]
        #expect(provision.cgroup.json == cgroup)
        #expect(Provision().cgroup.json == [:])
        #expect(try Provision.reader.read(provision.json) == provision)
        let violation = Violation("code", at: "/a", "no", hint: "yes")
        #expect(try Violation.reader.read(violation.json) == violation)
        let amendment = Amendment("/a/b", ["c": 1], "because")
        #expect(try Amendment.reader.read(amendment.json) == amendment)
        let failure = Failure("no", hint: "yes")
        #expect(try Failure.reader.read(failure.json) == failure)
    }
}
