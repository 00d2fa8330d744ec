import BerthCore
import BerthModel

/// Looks from outside at what is promised and at what is under maintenance: nobody is granted what would be in its way, and
/// what is promised is granted when its start has come, as soon as it is there.
struct Promises {
    private let scenario: Scenario
    /// What is promised and not granted yet.
    private var open: [ReservationID: Booking] = [:]
    /// Those of which, since their start had come, a unit has failed, or a quota, a window or memory that others use kept
    /// them: what is free meanwhile is others'.
    private var excused: Set<ReservationID> = []
    /// How often each thing happened.
    private(set) var seen: [String: Int] = [:]

    init(_ scenario: Scenario) { self.scenario = scenario }

    /// What no run came to.
    static func unseen(in seen: [String: Int]) -> [String] {
        let all = [
            "promises", "promises kept at once", "promises kept later", "promises missed", "promises given back",
            "windows",
        ]
        return all.filter { seen[$0] == nil }
    }

    // MARK: - One change

    /// What is wrong with a change.
    /// - Parameter state: as it is before
    mutating func fault(of change: Event.Change, _ state: State, _ now: Timestamp) -> String? {
        switch change {
        case .queued(let waiter):
            guard open[waiter.id] == nil, let booking = waiter.waiting?.booking else { return nil }
            open[waiter.id] = booking
            seen["promises", default: 0] += 1
            return closed(booking.grant, booking.start, booking.end, state).map { "\(waiter.id) is promised \($0)" }
        case .granted(let reservation):
            if let booking = open[reservation.id] {
                excuse([reservation], state, now)
                open[reservation.id] = nil
                return fault(of: reservation, promised: booking, state, now)
            }
            return closed(reservation.grant, now, reservation.over, state).map { "\(reservation.id) is granted \($0)" }
        case .renewed(let id, _, let end, _):
            guard let held = state.reservations[id], let former = held.over, former < end else { return nil }
            return closed(held.grant, max(former, now), end, state).map { "\(id) is renewed for \($0)" }
        case .resized(let id, let grant):
            guard let held = state.reservations[id] else { return nil }
            return closed(grant.more(than: held.grant), now, held.over, state).map { "\(id) is given \($0)" }
        case .ended(let id, _, let reason):
            guard let booking = open.removeValue(forKey: id) else { return nil }
            seen[reason == .wait ? "promises missed" : "promises given back", default: 0] += 1
            return reason == .wait && now < booking.end ? "\(id) waits no more for what it was promised" : nil
        case .maintenanceAdded:
            seen["windows", default: 0] += 1
            return nil
        default: return nil
        }
    }

    /// What of it is under maintenance at some of its time.
    private func closed(_ grant: Grant, _ start: Timestamp, _ end: Timestamp?, _ state: State) -> String? {
        let window = state.maintenance.first { window in
            window.end > start && end.map { window.start < $0 } ?? true && window.touches(grant)
        }
        return window.map { "what is under maintenance from \($0.start)" }
    }

    private mutating func fault(
        of begun: Reservation, promised booking: Booking, _ state: State, _ now: Timestamp
    ) -> String? {
        seen[now == booking.start ? "promises kept at once" : "promises kept later", default: 0] += 1
        guard now >= booking.start, now < booking.end else { return "\(begun.id) is granted at another time" }
        guard begun.expiresAt == booking.end else { return "\(begun.id) ends at another time than was promised" }
        if let what = closed(begun.grant, now, now + .milliseconds(1), state) {
            return "\(begun.id) begins with \(what)"
        }
        guard excused.remove(begun.id) == nil else { return nil }
        let isSame = Amounts(begun.grant) == Amounts(booking.grant) && begun.alternative == booking.alternative
        return isSame ? nil : "\(begun.id) is granted something else than was promised"
    }

    // MARK: - One command

    /// What is wrong with what was promised after a command.
    mutating func fault(after command: Command, _ changes: [Event.Change], _ state: State, _ now: Timestamp) -> String?
    {
        let promised = state.waiters.all.filter { $0.waiting?.booking != nil }
        guard promised.count == open.count, promised.allSatisfy({ open[$0.id] == $0.waiting?.booking }) else {
            return "what is promised is not what was"
        }
        guard !open.isEmpty else { return nil }
        excuse(promised, state, now)
        let waiting = promised.filter { !excused.contains($0.id) }.sorted { $0.id < $1.id }
        if case .admit = command, !changes.contains(where: \.isQueued), let idle = idle(of: waiting, state, now) {
            return "\(idle) waits though what it was promised is there"
        }
        return changes.contains(where: \.takes) ? overbooking(beside: waiting, state, now) : nil
    }

    /// One whose start has come and that could be granted what it was promised.
    private func idle(of waiting: [Reservation], _ state: State, _ now: Timestamp) -> ReservationID? {
        var held = Sums(countsEither: true)
        for reservation in state.reservations.values { held.add(reservation.grant) }
        return waiting.first { waiter in
            guard let booking = open[waiter.id], booking.start <= now, booking.end > now,
                !isFull(waiter, booking, state)
            else { return false }
            var sums = held
            sums.add(booking.grant)
            return sums.excess(of: scenario.capacity) == nil
        }?.id
    }

    /// Whether a pool that it is of would hold more than its most with it, for what has ended is not gone yet.
    private func isFull(_ waiter: Reservation, _ booking: Booking, _ state: State) -> Bool {
        state.pools.path(of: waiter.pool).contains { pool in
            Amounts(booking.grant).parts.contains { part in
                let most = pool.most(of: part.type).map { Int128($0.units) } ?? .max
                return state.poolHoldings[pool.name][part.type] > most - part.units
            }
        }
    }

    /// What is overbooked at the start of one, or now where that has come. What has ended is freed in time.
    private func overbooking(beside waiting: [Reservation], _ state: State, _ now: Timestamp) -> String? {
        for waiter in waiting {
            guard let booking = open[waiter.id], booking.end > now else { continue }
            let moment = max(booking.start, now)
            var sums = Sums()
            for other in waiting {
                guard let booking = open[other.id], booking.start <= moment, booking.end > moment else { continue }
                sums.add(booking.grant)
            }
            for held in state.reservations.values where held.isLive && held.over.map({ $0 > moment }) ?? true {
                sums.add(held.grant)
            }
            if let excess = sums.excess(of: scenario.capacity) { return "\(excess) at the start of \(waiter.id)" }
        }
        return nil
    }

    // MARK: - What nobody promised

    private mutating func excuse(_ promised: [Reservation], _ state: State, _ now: Timestamp) {
        for waiter in promised {
            guard let booking = open[waiter.id], booking.start <= now, !excused.contains(waiter.id) else { continue }
            let units = Set(booking.grant.holds.flatMap(\.units).map(\.name))
            let hasFailed = state.capacity?.gpus.contains { $0.failure != nil && units.contains($0.name) } ?? false
            let isShort = booking.grant[.memory] != nil && state.unmanagedMemory ?? .zero > .zero
            let isClosed = closed(booking.grant, now, now + .milliseconds(1), state) != nil
            let isKept = hasFailed || isShort || isClosed || isOverQuota(waiter, booking.grant, state)
            if isKept { excused.insert(waiter.id) }
        }
        excused.formIntersection(open.keys)
    }

    /// Whether a hard quota would be passed, if what has ended counts too.
    private func isOverQuota(_ waiter: Reservation, _ grant: Grant, _ state: State) -> Bool {
        isOver(scenario.policy.quotas, among: Array(state.reservations.values), waiter, grant)
            || state.pools.path(of: waiter.pool).contains { pool in
                guard let policy = scenario.ofPools[pool.name] else { return false }
                let within = state.reservations.values.filter { other in
                    state.pools.path(of: other.pool).contains { $0.name == pool.name }
                }
                return isOver(policy.quotas, among: within, waiter, grant)
            }
    }

    private func isOver(_ quotas: Quotas, among all: [Reservation], _ waiter: Reservation, _ grant: Grant) -> Bool {
        quotas.all.contains { quota in
            guard quota.isHard, case .each(let kind) = quota.scope else { return false }
            let others = all.filter { other in
                switch kind {
                case .user: other.user == waiter.user
                case .group: other.group == waiter.group
                case .workflow: waiter.workflow != nil && other.workflow == waiter.workflow
                }
            }
            switch quota.bound {
            case .reservations(let most): return others.count + 1 > most
            case .amount(let type, let most):
                let held = others.reduce(Int64(0)) { $0 + ($1.grant[type]?.amount.units ?? 0) }
                return held + (grant[type]?.amount.units ?? 0) > most.units
            case .hours: return true
            }
        }
    }
}

extension Reservation {
    /// When it is over if it is not renewed; nil where nobody knows.
    fileprivate var over: Timestamp? { lease != nil || preemption != nil ? expiresAt : nil }
}

extension Event.Change {
    fileprivate var isQueued: Bool { if case .queued = self { true } else { false } }

    /// Whether something is held or promised by it, or for longer.
    fileprivate var takes: Bool {
        switch self {
        case .granted, .renewed, .resized: true
        case .queued(let waiter): waiter.waiting?.booking != nil
        default: false
        }
    }
}

extension Grant {
    /// What of it another does not hold, type by type and unit by unit.
    fileprivate func more(than other: Grant) -> Grant {
        var more = Grant([])
        for var hold in holds {
            let former = other[hold.type]
            hold.units.removeAll { share in
                former?.units.contains { $0.name == share.name && $0.quantity >= share.quantity } ?? false
            }
            if hold.amount > former?.amount ?? .zero || !hold.units.isEmpty { more.holds.append(hold) }
        }
        return more
    }
}

extension MaintenanceWindow {
    /// Whether a grant holds anything of what it covers.
    fileprivate func touches(_ grant: Grant) -> Bool {
        guard !covers.isEverything else { return !grant.holds.isEmpty || !grant.storage.isEmpty }
        return grant.holds.contains { hold in
            covers.types.contains(hold.type)
                || hold.units.contains { covers.units[hold.type]?.contains($0.name) == true }
        }
    }
}
