import BerthCore
import BerthModel
import Testing

@Suite("The end of a reservation")
struct EndingTests {
    private let process = ProcessIdentity(pid: 7, startTicks: 1, boot: "b")
    private let another = ProcessIdentity(pid: 8, startTicks: 1, boot: "b")
    private let ask = [Ask(.cpu, amount: Quantity(1000))]

    private func fresh() throws -> State { TestHost.state(try TestHost.capacity()) }

    private func reason(_ state: State) -> String? {
        state.reservations[id(1)].map { "\($0.state.rawValue)/\($0.reason?.rawValue ?? "-")" }
    }

    @Test("comes after 60 seconds without lease or attach")
    func neverAttached() throws {
        var state = try fresh()
        state.reserve(1, ask)
        #expect(state.nextDeadline == 60_000)
        state.run(.tick, at: 59_999)
        #expect(reason(state) == "confirmed/-")
        state.run(.tick, at: 60_000)
        #expect(reason(state) == "released/never_attached")
        // Its units are free when nothing runs any more.
        #expect(state.holdings.cpu == Quantity(1000))
        state.run(.noteFreed(id(1), nil))
        #expect(state.holdings.cpu == .zero && state.reservations.isEmpty && state.nextDeadline == nil)
    }

    @Test("comes with the last process, not before")
    func lastProcess() throws {
        var state = try fresh()
        state.reserve(1, ask)
        state.run(.noteAttached(id(1), process))
        #expect(state.nextDeadline == nil)
        state.run(.noteAttached(id(1), another))
        state.run(.noteExited(id(1), process))
        #expect(reason(state) == "confirmed/-")
        #expect(state.run(.noteExited(id(1), process)).changes.isEmpty)
        // An empty leaf is not the end while an attached process lives elsewhere.
        #expect(state.run(.noteEmptied(id(1), outOfMemory: false)).changes.isEmpty)
        state.run(.noteExited(id(1), another))
        #expect(reason(state) == "confirmed/-")
        state.run(.noteEmptied(id(1), outOfMemory: false))
        #expect(reason(state) == "released/last_process")
    }

    @Test("comes for want of memory where the kernel killed it")
    func outOfMemory() throws {
        var state = try fresh()
        state.reserve(1, ask)
        // Nothing was in it yet.
        #expect(state.run(.noteEmptied(id(1), outOfMemory: false)).changes.isEmpty)
        state.run(.noteAttached(id(1), process))
        state.run(.noteExited(id(1), process))
        state.run(.noteEmptied(id(1), outOfMemory: true))
        #expect(reason(state) == "failed/out_of_memory")
    }

    @Test("does not come with the last process where it serves one after the other")
    func released() throws {
        var state = try fresh()
        state.reserve(1, ask, lease: .seconds(100))
        state.run(.noteAttached(id(1), process))
        state.run(.noteExited(id(1), process))
        state.run(.noteEmptied(id(1), outOfMemory: false))
        #expect(reason(state) == "confirmed/-")
        state.run(.tick, at: 100_000)
        #expect(reason(state) == "expired/lease")
    }

    @Test("is put off by a renewal")
    func renewal() throws {
        var state = try fresh()
        state.reserve(1, ask, lease: .seconds(10))
        state.run(.renew(id(1), .seconds(30), user), at: 5000)
        #expect(state.nextDeadline == 35_000)
        #expect(state.reservations[id(1)]?.expiresAt == Timestamp(milliseconds: 1_035_000))
        state.run(.tick, at: 10_000)
        #expect(reason(state) == "confirmed/-")
        state.run(.tick, at: 35_000)
        #expect(reason(state) == "expired/lease")
        #expect(state.run(.renew(id(1), .seconds(1), user)).answer == .refused(.ended(id(1))))
    }

    @Test("comes once, however often it is released")
    func twice() throws {
        var state = try fresh()
        state.reserve(1, ask)
        #expect(state.run(.release(id(1), user)).changes.count == 1)
        let again = state.run(.release(id(1), user))
        #expect(again.changes.isEmpty && again.answer == .done(id(1)))
    }

    @Test("comes with a reboot for what ends with its processes; a leased one has what is left of its lease")
    func reboot() throws {
        var state = try fresh()
        state.reserve(1, ask)
        state.run(.noteAttached(id(1), process))
        state.reserve(2, ask, lease: .seconds(100), at: 20_000)
        state.run(.noteAttached(id(2), another), at: 20_000)
        // By the wall clock 50 s later, in a boot that began 3 s ago.
        let now = Now(wall: Timestamp(milliseconds: 1_070_000), uptime: 3000)
        for change in state.decide(.noteBoot("c"), now).changes { state.apply(change, at: now.wall) }
        #expect(reason(state) == "failed/rebooted")
        #expect(state.reservations[id(2)]?.isLive == true)
        #expect(state.reservations[id(2)]?.attached.isEmpty == true)
        #expect(state.nextDeadline == 53_000)
        #expect(state.decide(.noteBoot("c"), now).changes.isEmpty)
    }

    @Test("comes where enforcement is required and the kernel does not hold it")
    func unenforceable() throws {
        var state = try fresh()
        let request = ReservationRequest(resources: Resources(ask), enforce: .required)
        state.run(.reserve(id(1), request, user, nil))
        let receipts = [Receipt(.cpu, status: .advisory, reason: "no partition")]
        #expect(state.run(.noteEnforced(id(1), receipts)).answer == .refused(.unenforceable(receipts)))
        #expect(reason(state) == "failed/enforcement")
    }

    @Test(
        "comes later only where nothing is held any more, and not of a doubt",
        arguments: [Receipt.Status.advisory, .unsupported])
    func laterDoubt(status: Receipt.Status) throws {
        var state = try fresh()
        let request = ReservationRequest(resources: Resources(ask), enforce: .required)
        state.run(.reserve(id(1), request, user, nil))
        state.run(.noteEnforced(id(1), [Receipt(.cpu, status: .enforced)]))
        let later = state.run(.noteEnforced(id(1), [Receipt(.cpu, status: status, reason: "a mount")]))
        #expect(state.reservations[id(1)]?.receipts.map(\.status) == [status])
        #expect((later.answer == .done(id(1))) == (status == .advisory))
        #expect(reason(state) == (status == .advisory ? "confirmed/-" : "failed/enforcement"))
    }

    @Test("comes where the caller that was to be attached is gone")
    func callerGone() throws {
        var state = try fresh()
        state.reserve(1, ask)
        state.run(.noteAttachFailed(id(1)))
        #expect(reason(state) == "released/never_attached")
    }
}
