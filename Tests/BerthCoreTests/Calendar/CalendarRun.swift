import BerthModel
import Support

@testable import BerthCore

/// Promises beside pools, gangs, windows and those for whom others go, on a virtual clock. What ends is freed at once or some
/// seconds later, so that what is promised to others may not be there yet when their start comes.
struct CalendarRun {
    /// What is planted to see it noticed.
    enum Fault: CaseIterable {
        /// What is promised keeps nobody from anything.
        case forgetsPromises
        /// One goes though that does not help, for what is promised is in the way.
        case vain
        /// No pool has bounds.
        case forgetsPools
        /// Less is granted than was promised.
        case lessens
        /// What was promised ends later than it was to.
        case overstays
        /// What was promised and is there is not granted at once.
        case dawdles
    }

    /// What was promised, and when it was granted, or ended without.
    struct Promise {
        var booking: Booking
        var granted: Int64?
        var isMissed = false

        /// How long after its start it was granted, in milliseconds; nil where it was not.
        var delay: Int64? { granted.map { $0 + 1_000_000 - booking.start.milliseconds } }
    }

    var state: State
    var now: Int64 = 0
    var log: [(Event.Change, Timestamp)] = []
    /// What was promised and not given back.
    var promised: [ReservationID: Promise] = [:]
    var problems: [String] = []
    /// How many went for others, ended for a pool that had lent, and were granted with their gang.
    var went = 0
    var gaveBack = 0
    var together = 0
    /// Those for whom others go, and by when these are gone.
    private var awaited: [ReservationID: Int64] = [:]
    /// When what has ended is freed.
    private var frees: [ReservationID: Int64] = [:]
    private var delays: SeededGenerator
    private let fault: Fault?

    /// What has ended is freed no later than so many milliseconds after.
    static let mostDelay: Int64 = 5000
    /// While one waits for that, others are let in beside it where what ends just then is gone: it may wait for that too.
    static let longestWait = 2 * mostDelay

    var clock: Now { Now(wall: Timestamp(milliseconds: 1_000_000 + now), uptime: now) }

    init(_ state: State, _ delays: SeededGenerator, planting fault: Fault?) {
        self.state = state
        self.delays = delays
        self.fault = fault
    }

    // MARK: - What happens

    mutating func take(_ command: Command) {
        let decision = planted(deciding(command).decide(command, clock))
        for change in decision.changes {
            note(change)
            state.apply(change, at: clock.wall)
            log.append((change, clock.wall))
            if case .preempted(_, let preemption, let deadline) = change { noteNotice(preemption.by, deadline) }
        }
        guard !decision.changes.isEmpty else { return }
        checkMoments(after: command)
        checkNotices(of: decision)
    }

    /// What is over ends, and others get what is there; what is freed by now is, and others get that too.
    mutating func settle() {
        take(.tick)
        admit()
        let freed = frees.filter { $0.value <= now }.keys.sorted()
        for id in freed { take(.noteFreed(id, nil)) }
        if !freed.isEmpty { admit() }
        seeAwaited()
    }

    mutating func pass(to moment: Int64) {
        while let next = [state.nextMoment(clock), frees.values.min()].compactMap({ $0 }).min(), next <= moment {
            now = max(next, now)
            settle()
        }
        now = moment
    }

    private mutating func admit() {
        take(.admit(depth: 1000))
        checkDue()
    }

    // MARK: - What is looked at

    private mutating func note(_ change: Event.Change) {
        switch change {
        case .granted(let reservation):
            awaited[reservation.id] = nil
            if reservation.gang != nil { together += 1 }
            if promised[reservation.id] != nil, state.waiters[reservation.id] != nil { checkBegun(reservation) }
        case .queued(let waiter):
            guard let booking = waiter.waiting?.booking else { break }
            promised[waiter.id] = Promise(booking: booking)
            if let window = state.maintenance.first(where: { $0.touches(booking.grant) && $0.isOn(within: booking) }) {
                problems.append("\(waiter.id) is promised what is under maintenance: \(window)")
            }
        case .ended(let id, _, let reason):
            if state.reservations[id] != nil {
                let isSlow = Bool.random(using: &delays)
                frees[id] = now + (isSlow ? Int64.random(in: 1...Self.mostDelay, using: &delays) : 0)
            } else if let promise = promised[id], promise.granted == nil {
                if reason == .wait { miss(id, promise) } else { promised[id] = nil }
            }
        case .freed(let id, _): (awaited[id], frees[id]) = (nil, nil)
        // It was to be gone by then, and others were let in for that.
        case .renewed(_, _, _, let deadline): awaited = awaited.mapValues { max($0, deadline) }
        // With one that is moved the room of other pools goes too.
        case .moved: awaited = [:]
        default: break
        }
    }

    private mutating func noteNotice(_ waiter: ReservationID, _ deadline: Int64) {
        went += 1
        if state.waiters[waiter]?.strategy != .priority { gaveBack += 1 }
        let going = state.reservations.values.filter { $0.isLive && $0.preemption != nil }
        awaited[waiter] = going.reduce(deadline) { max($0, $1.deadline ?? 0) }
    }

    /// It is granted what it was promised, and ends when it was to.
    private mutating func checkBegun(_ reservation: Reservation) {
        guard let booking = promised[reservation.id]?.booking else { return }
        promised[reservation.id]?.granted = now
        let start = booking.start.milliseconds - 1_000_000
        let end = booking.end.milliseconds - 1_000_000
        if now < start || now > start + Self.longestWait || now >= end {
            problems.append("\(reservation.id) for \(start) to \(end) is granted at \(now)")
        }
        if reservation.expiresAt != booking.end || reservation.deadline != end {
            problems.append("\(reservation.id) for \(start) to \(end), granted at \(now), ends at another time")
        }
        if Amounts(reservation.grant) != Amounts(booking.grant) || reservation.alternative != booking.alternative {
            problems.append("\(reservation.id) for \(start), granted at \(now), holds something else than was promised")
        }
    }

    /// It was in vain only where others held what it was promised for all of its time.
    private mutating func miss(_ id: ReservationID, _ promise: Promise) {
        promised[id]?.isMissed = true
        let start = promise.booking.start.milliseconds - 1_000_000
        let end = promise.booking.end.milliseconds - 1_000_000
        if now < end || end > start + Self.longestWait {
            problems.append("\(id) for \(start) to \(end) is missed at \(now)")
        }
    }

    /// Whose start has come waits no longer than until what it was promised is there.
    private mutating func checkDue() {
        for waiter in state.waiters.all {
            guard let booking = waiter.waiting?.booking, booking.start <= clock.wall, booking.end > clock.wall else {
                continue
            }
            var sums = HeldSums()
            for held in state.reservations.values { sums.add(held.grant, in: state.pools.path(of: held.pool)) }
            sums.add(booking.grant, in: state.pools.path(of: waiter.pool))
            if sums.excess(of: state.pools) == nil {
                problems.append("\(waiter.id) waits at \(now), though what it was promised is there")
            }
        }
    }

    /// At no start of a promise, or now where that has come, more is held and promised than there is, nor in any pool; and
    /// at none of a window what it covers is held. What has ended counts no more: it is freed in time.
    private mutating func checkMoments(after command: Command) {
        let promises = state.waiters.all.compactMap { waiter in waiter.waiting?.booking.map { (waiter, $0) } }
        let starts = promises.filter { $0.1.end > clock.wall }.map { max($0.1.start, clock.wall) }
        for moment in Set(starts).sorted() {
            if let excess = sums(at: moment).excess(of: state.pools) {
                problems.append("\(excess) at \(moment.milliseconds - 1_000_000), at \(now) after \(command)")
            }
        }
        let live = state.reservations.values.filter(\.isLive)
        for window in state.maintenance where window.end > clock.wall {
            let moment = max(window.start, clock.wall)
            for held in live where held.holds(at: moment) && window.touches(held.grant) {
                problems.append("\(held.id) holds what is under maintenance, at \(now) after \(command)")
            }
        }
    }

    /// What is held and promised at a moment, of what holds on until then.
    private func sums(at moment: Timestamp) -> HeldSums {
        var sums = HeldSums()
        for waiter in state.waiters.all {
            guard let booking = waiter.waiting?.booking, booking.start <= moment, booking.end > moment else { continue }
            sums.add(booking.grant, in: state.pools.path(of: waiter.pool))
        }
        for held in state.reservations.values where held.isLive && held.holds(at: moment) {
            sums.add(held.grant, in: state.pools.path(of: held.pool))
        }
        return sums
    }

    /// Nobody goes in vain: when all have gone that go, there is room for the one that they go for, beside what is promised
    /// in its time.
    private mutating func checkNotices(of decision: Decision) {
        var preemptors: Set<ReservationID> = []
        for case .preempted(_, let preemption, _) in decision.changes { preemptors.insert(preemption.by) }
        for waiter in preemptors.sorted().compactMap({ state.waiters[$0] }) {
            guard let request = waiter.waiting?.request, let by = awaited[waiter.id] else { continue }
            let start = clock.wall + .milliseconds(by - now)
            let end = request.lease.map { start + $0 }
            let starts = state.waiters.all.compactMap { $0.waiting?.booking?.start }
            let moments = [start] + starts.filter { then in then > start && (end.map { then < $0 } ?? true) }
            let isFree = moments.allSatisfy { moment in
                request.choices.contains { choice in
                    var sums = sums(at: moment)
                    sums.add(choice.least, in: state.pools.path(of: waiter.pool))
                    return sums.excess(of: state.pools) == nil
                }
            }
            if !isFree { problems.append("others go for \(waiter.id) in vain, at \(now)") }
        }
    }

    /// Whoever others go for has got what it waits for when they have gone, where nothing is promised that it would run into
    /// by being late. What elastic pools lend each other meanwhile is kept for them besides: to other pools that counts twice.
    private mutating func seeAwaited() {
        for (id, deadline) in awaited where now > deadline + Self.longestWait {
            awaited[id] = nil
            guard let waiter = state.waiters[id],
                state.pools[waiter.pool]?.kind == .elastic || !state.pools.all.contains(where: { $0.kind == .elastic })
            else { continue }
            let end = waiter.lease.map { now + $0.milliseconds } ?? .max
            let isClear = promised.values.allSatisfy { promise in
                promise.booking.end.milliseconds - 1_000_000 <= deadline
                    || promise.booking.start.milliseconds - 1_000_000 >= end
            }
            if isClear { problems.append("others went for \(id) by \(deadline), and it waits at \(now)") }
        }
    }

    // MARK: - What is planted

    private func deciding(_ command: Command) -> State {
        guard case .reserve(_, let request, _, _) = command, request.start == nil || fault == .forgetsPools,
            let capacity = state.capacity
        else { return state }
        var deciding = state
        switch fault {
        case .forgetsPromises:
            deciding = TestHost.state(capacity)
            deciding.restore(
                state.kept.filter { $0.waiting?.booking == nil }, nil, pools: state.pools,
                maintenance: state.keptMaintenance)
        case .forgetsPools:
            let loose = state.pools.all.map { Pool($0.name, .dynamic, parent: $0.parent) }
            if let pools = try? Pools(loose) { deciding.setPools(pools) }
        case .vain, .lessens, .overstays, .dawdles, nil: break
        }
        return deciding
    }

    private func planted(_ decision: Decision) -> Decision {
        var decision = decision
        switch fault {
        case .vain:
            guard case .queued(let waiter)? = decision.changes.first, waiter.waiting?.booking == nil,
                let lower = state.reservations.values.filter({ $0.isLive && $0.preemption == nil }).map(\.id).min()
            else { break }
            let notice = Preemption(by: waiter.id, at: clock.wall + .seconds(1))
            decision.changes.append(.preempted(lower, notice, deadline: now + 1000))
        case .lessens, .overstays, .dawdles:
            decision.changes = decision.changes.compactMap { change -> Event.Change? in
                guard case .granted(var begun) = change, let booking = state.waiters[begun.id]?.waiting?.booking else {
                    return change
                }
                if fault == .lessens, begun.grant.holds.count > 1 { begun.grant.holds.removeLast() }
                if fault == .overstays {
                    begun.expiresAt = booking.end + .seconds(1)
                    begun.deadline = begun.deadline.map { $0 + 1000 }
                }
                return fault == .dawdles && booking.start == clock.wall ? nil : .granted(begun)
            }
        case .forgetsPromises, .forgetsPools, nil: break
        }
        return decision
    }
}

extension Reservation {
    /// Whether it still holds something at a time to come, if it is not renewed. Who had its notice is gone when that is over.
    fileprivate func holds(at moment: Timestamp) -> Bool {
        guard let end = expiresAt, lease != nil || preemption != nil else { return true }
        return end > moment
    }
}

extension MaintenanceWindow {
    fileprivate func isOn(within booking: Booking) -> Bool { start < booking.end && end > booking.start }
}
