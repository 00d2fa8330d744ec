import BerthCore
import BerthModel
import Testing

@Suite("A process that leaves")
struct LeavingTests {
    private let process = ProcessIdentity(pid: 7, startTicks: 1, boot: "b")
    private let another = ProcessIdentity(pid: 8, startTicks: 1, boot: "b")
    private let held = [Receipt(.cpu, status: .enforced, values: ["cpu.max": "100000 100000"])]

    /// A reservation of two processes that the kernel holds.
    private func fresh(_ enforce: ReservationRequest.Enforce = .preferred) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        let request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(1000))]), end: .empty, enforce: enforce)
        state.run(.reserve(id(1), request, user, nil))
        state.run(.noteEnforced(id(1), held))
        state.run(.noteAttached(id(1), process))
        state.run(.noteAttached(id(1), another))
        return state
    }

    private func statuses(_ state: State) -> [Receipt.Status]? {
        state.reservations[id(1)]?.shownReceipts.map(\.status)
    }

    @Test("is told of once, and the receipts are advisory until it has ended")
    func once() throws {
        var state = try fresh()
        #expect(statuses(state) == [.enforced])
        #expect(state.run(.noteOutside(id(1), [process])).changes == [.left(id(1), process)])
        #expect(state.run(.noteOutside(id(1), [process])).changes.isEmpty)
        #expect(statuses(state) == [.advisory])
        state.run(.noteExited(id(1), process))
        #expect(statuses(state) == [.enforced])
        #expect(state.reservations[id(1)]?.left == [])
    }

    @Test("and returns is told of once, and the receipts are what they were")
    func back() throws {
        var state = try fresh()
        state.run(.noteOutside(id(1), [process, another]))
        #expect(state.reservations[id(1)]?.left == [process, another])
        #expect(state.run(.noteOutside(id(1), [another])).changes == [.returned(id(1), process)])
        #expect(statuses(state) == [.advisory])
        #expect(state.run(.noteOutside(id(1), [])).changes == [.returned(id(1), another)])
        #expect(statuses(state) == [.enforced])
        #expect(state.run(.noteOutside(id(1), [])).changes.isEmpty)
    }

    @Test("keeps the receipts advisory when the leaf is read again or resized")
    func rereading() throws {
        var state = try fresh()
        state.run(.noteOutside(id(1), [process]))
        #expect(state.run(.noteEnforced(id(1), held)).changes.isEmpty)
        let other = [Receipt(.cpu, status: .enforced, values: ["cpu.max": "200000 100000"])]
        state.run(.noteResized(id(1), Grant([Hold(.cpu, amount: Quantity(2000), limit: Quantity(2000))]), other))
        #expect(statuses(state) == [.advisory])
        state.run(.noteOutside(id(1), []))
        #expect(state.reservations[id(1)]?.shownReceipts == other)
    }

    @Test("ends nothing, also where enforcement is required")
    func required() throws {
        var state = try fresh(.required)
        let decision = state.run(.noteOutside(id(1), [process, another]))
        #expect(decision.effects.isEmpty)
        // The next look at the leaf finds it as it was.
        #expect(state.run(.noteEnforced(id(1), held)).effects.isEmpty)
        #expect(state.reservations[id(1)]?.isLive == true)
        #expect(statuses(state) == [.advisory])
    }

    @Test("is waited for by what ends with its processes")
    func empty() throws {
        var state = try fresh()
        state.run(.noteOutside(id(1), [process]))
        state.run(.noteExited(id(1), another))
        #expect(state.run(.noteEmptied(id(1), outOfMemory: false)).changes.isEmpty)
        state.run(.noteExited(id(1), process))
        state.run(.noteEmptied(id(1), outOfMemory: false))
        #expect(state.reservations[id(1)]?.reason == .lastProcess)
    }

    @Test("is none that was not attached, has ended, or belongs to what is over")
    func nobody() throws {
        var state = try fresh()
        let stranger = ProcessIdentity(pid: 7, startTicks: 2, boot: "b")
        #expect(state.run(.noteOutside(id(1), [stranger])).changes.isEmpty)
        state.run(.noteExited(id(1), process))
        #expect(state.run(.noteOutside(id(1), [process])).changes.isEmpty)
        #expect(state.run(.noteOutside(id(2), [another])).changes.isEmpty)
        state.run(.release(id(1), user))
        #expect(state.run(.noteOutside(id(1), [another])).changes.isEmpty)
    }

    @Test("is in another boot no more")
    func reboot() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Ask(.cpu, amount: Quantity(1000))], lease: .seconds(100))
        state.run(.noteAttached(id(1), process))
        state.run(.noteOutside(id(1), [process]))
        state.run(.noteBoot("c"))
        #expect(state.reservations[id(1)]?.isLive == true && state.reservations[id(1)]?.left == [])
    }
}
