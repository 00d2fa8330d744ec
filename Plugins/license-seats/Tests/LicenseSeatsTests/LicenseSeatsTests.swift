import BerthJSON
import BerthPluginKit
import Synchronization
import Testing

@testable import LicenseSeats

@Suite("Licence seats") struct LicenseSeatsTests {
    private static let type = "license.example/seat"

    private static func started(_ section: JSONValue, held: [Allocation] = []) throws -> LicenseSeats {
        var seats = LicenseSeats()
        try seats.start(
            Start(types: [type], configuration: [type: section], held: held, agent: AgentLine { _ in }))
        return seats
    }

    @Test("are as many as is configured")
    func fixed() throws {
        let offer = try #require(try Self.started(["count": 3]).discover().first)
        #expect(offer == Offer(Self.type, units: [Unit("1"), Unit("2"), Unit("3")]))
        #expect(try Self.started(["count": 0]).discover().first?.units == [])
    }

    @Test("are as many as a command prints")
    func asked() async throws {
        let seats = try Self.started(["command": ["/bin/echo", "2"]])
        #expect(try await Self.settled { seats.discover().first?.units.map(\.name) == ["1", "2"] })
    }

    /// Whether something becomes so within five seconds.
    private static func settled(_ isSo: () -> Bool) async throws -> Bool {
        for _ in 0..<100 {
            if isSo() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @Test("of a command that hangs are none, and keep neither the start nor other types waiting")
    func hung() async throws {
        let changes = Atomic(0)
        let held = Allocation(reservation: "r", type: "a.b/hung", units: ["3"], user: 1)
        let hung: JSONValue = ["command": ["/bin/sleep", "60"]]
        var seats = LicenseSeats()
        let duration = try ContinuousClock().measure {
            try seats.start(
                Start(
                    types: ["a.b/hung", "a.b/other", "a.b/seat"],
                    configuration: ["a.b/hung": hung, "a.b/other": hung, "a.b/seat": ["command": ["/bin/echo", "2"]]],
                    held: [held], agent: AgentLine { _ in changes.add(1, ordering: .relaxed) }))
        }
        #expect(duration < .seconds(1))
        let (first, started) = (Unit("3", state: .failed, reason: "its command has not answered yet"), seats)
        #expect(seats.discover().prefix(2) == [Offer("a.b/hung", units: [first]), Offer("a.b/other", units: [])])
        #expect(try await Self.settled { started.discover().last?.units.map(\.state) == [.available, .available] })
        #expect(try await Self.settled { changes.load(ordering: .relaxed) > 0 })
        #expect(try await Self.settled { started.discover().first?.units.first?.reason?.contains("4000 ms") == true })
    }

    @Test("of a command that closes its output and stays are none in the end")
    func closed() throws {
        var answer: Result<Int, Failure>?
        let duration = ContinuousClock().measure {
            answer = SeatCommand.ask(["/bin/sh", "-c", "echo 5; exec sleep 20 >&-"])
        }
        #expect(answer == .failure(Failure("/bin/sh was not done within 4000 ms")))
        #expect(duration < .seconds(10))
    }

    @Test("are not more than an agent takes, of one type and of all")
    func most() async throws {
        let printed = SeatCommand.ask(["/bin/echo", "20001"])
        #expect(
            printed == .failure(Failure("/bin/echo printed 20001, and an agent takes 20000 units of a plugin at most")))
        #expect(throws: Failure.self) { try Self.started(["count": 20_001]) }
        let types = ["a.b/c", "a.b/d"]
        var seats = LicenseSeats()
        let command: JSONValue = ["command": ["/bin/echo", "5001"]]
        try seats.start(
            Start(
                types: types, configuration: ["a.b/c": ["count": 15_000], "a.b/d": command], agent: AgentLine { _ in }))
        let pools = Pools()
        pools.set("a.b/c", .success(15_000))
        #expect(pools.set("a.b/d", .success(5001)))
        #expect(pools.trouble(of: "a.b/c") == nil)
        #expect(pools.trouble(of: "a.b/d")?.hasPrefix("5001 seats, and 15000 of other types, are more than") == true)
        #expect(pools.offers().map(\.units.count) == [15_000, 0])
        #expect(pools.set("a.b/d", .success(5000)))
        #expect(pools.offers().map(\.units.count) == [15_000, 5000])
        #expect(throws: Failure.self) {
            try seats.start(
                Start(
                    types: types, configuration: ["a.b/c": ["count": 15_000], "a.b/d": ["count": 5001]],
                    agent: AgentLine { _ in }))
        }
    }

    @Test(
        "of a command that fails are none, with its reason",
        arguments: [["/bin/false"], ["/no/such/program"], ["/bin/echo", "many"], ["/bin/sleep", "60"]])
    func troubled(command: [String]) throws {
        guard case .failure(let failure) = SeatCommand.ask(command) else {
            Issue.record("it was taken")
            return
        }
        #expect(failure.message.contains(command[0]))
    }

    @Test("that are held and there no more are failed until they are given back")
    func shrunk() throws {
        let held = Allocation(reservation: "r", type: Self.type, units: ["3"], user: 1)
        let seats = try Self.started(["count": 1], held: [held])
        #expect(seats.discover().first?.units.map(\.state) == [.available, .failed])
        seats.release("r")
        #expect(seats.discover().first?.units.map(\.state) == [.available])
    }

    @Test(
        "need a section that makes sense",
        arguments: [[:], ["count": 1, "command": ["a"]], ["command": []]] as [JSONValue])
    func refused(section: JSONValue) { #expect(throws: Failure.self) { try Self.started(section) } }
}
