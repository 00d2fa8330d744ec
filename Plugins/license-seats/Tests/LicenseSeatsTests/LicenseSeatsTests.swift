import BerthJSON
import BerthPluginKit
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
    func asked() throws {
        let seats = try Self.started(["command": ["/bin/echo", "2"]])
        #expect(seats.discover().first?.units.map(\.name) == ["1", "2"])
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
        #expect(seats.discover().first?.units.map(\.state) == [.available, .failed, .failed])
        seats.release("r")
        #expect(seats.discover().first?.units.map(\.state) == [.available])
    }

    @Test(
        "need a section that makes sense",
        arguments: [[:], ["count": 1, "command": ["a"]], ["command": []]] as [JSONValue])
    func refused(section: JSONValue) { #expect(throws: Failure.self) { try Self.started(section) } }
}
