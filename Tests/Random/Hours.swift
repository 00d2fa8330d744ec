import BerthCore
import BerthModel

/// What users had of CPU time in the present period, and will have by their leases in this one and the next, added up in other
/// code than the core's.
struct Hours {
    private let most: Int64?
    private var had: [UInt32: Int64] = [:]
    private var now: Int64 = 1_000_000
    /// What each had and will have before the changes that are looked at.
    private var before: [UInt32: [Int64]] = [:]

    init(_ scenario: Scenario) { most = scenario.hoursOfUser }

    /// Lets time pass, in which all of this was held.
    mutating func pass(to time: Timestamp, _ state: State) {
        guard most != nil else { return }
        defer { before = Dictionary(uniqueKeysWithValues: (1...4).map { ($0, periods(of: $0, state)) }) }
        guard time.milliseconds > now else { return }
        let start = Hours.start(of: time.milliseconds)
        if start > now { had = [:] }
        for reservation in state.reservations.values {
            had[reservation.user, default: 0] += Hours.cpu(reservation) * (time.milliseconds - max(start, now))
        }
        now = time.milliseconds
    }

    /// The user that has more than its quota by what it was just given. Who does not say how long it takes is let in while
    /// anything is left.
    func fault(after command: Command, _ changes: [Event.Change], _ state: State) -> String? {
        guard let most else { return nil }
        switch command {
        case .reserve, .renew, .resize, .admit, .tick: break
        default: return nil
        }
        var given: [UInt32: Bool] = [:]
        for change in changes {
            let id: ReservationID
            switch change {
            case .granted(let granted): id = granted.id
            case .renewed(let renewed, _, _, _): id = renewed
            case .resized(let resized, _): id = resized
            default: continue
            }
            guard let reservation = state.reservations[id], Hours.cpu(reservation) > 0 else { continue }
            given[reservation.user] = (given[reservation.user] ?? true) && reservation.lease != nil
        }
        for (user, isLeased) in given.sorted(by: { $0.key < $1.key }) where isLeased {
            for (now, was) in zip(periods(of: user, state), before[user] ?? [0, 0]) where now > most && now > was {
                return "user \(user) has \(now) CPU time of \(most) in a period"
            }
        }
        return nil
    }

    /// What one has of this period and of the next.
    private func periods(of user: UInt32, _ state: State) -> [Int64] {
        let end = Hours.start(of: now) + Scenario.period
        return [
            (had[user] ?? 0) + ahead(of: user, from: now, until: end, state),
            ahead(of: user, from: end, until: end + Scenario.period, state),
        ]
    }

    private func ahead(of user: UInt32, from start: Int64, until end: Int64, _ state: State) -> Int64 {
        state.reservations.values.filter { $0.user == user && $0.isLive && $0.lease != nil }.reduce(0) {
            sum, reservation in
            let over = min(reservation.expiresAt?.milliseconds ?? start, end)
            return sum + Hours.cpu(reservation) * max(0, over - start)
        }
    }

    private static func cpu(_ reservation: Reservation) -> Int64 { reservation.grant[.cpu]?.amount.units ?? 0 }

    private static func start(of time: Int64) -> Int64 { time - time % Scenario.period }
}
