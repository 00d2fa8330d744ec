internal import BerthModel

/// Who has to go for whom, and who could: kept so that neither is looked for among all that is held.
struct Preemptions: Sendable {
    /// The reservations that hold something and have had their notice, by the one that they go for.
    private var notices: [ReservationID: Set<ReservationID>] = [:]
    /// Those who wait for whom others go, or have gone.
    private(set) var nominated: Set<ReservationID> = []
    /// Those who wait and may have others go, by priority.
    private var askers: [Int: Set<ReservationID>] = [:]
    /// What holds something, by priority.
    private var ranks: [Int: Set<ReservationID>] = [:]

    /// Takes in one that holds something.
    mutating func add(_ reservation: Reservation) {
        ranks[reservation.priority, default: []].insert(reservation.id)
        if let preemption = reservation.preemption { notices[preemption.by, default: []].insert(reservation.id) }
    }

    /// Takes it out again.
    mutating func remove(_ reservation: Reservation) {
        ranks[reservation.priority]?.remove(reservation.id)
        if ranks[reservation.priority]?.isEmpty == true { ranks[reservation.priority] = nil }
        guard let by = reservation.preemption?.by else { return }
        notices[by]?.remove(reservation.id)
        if notices[by]?.isEmpty == true { notices[by] = nil }
    }

    /// Takes in one that waits.
    mutating func add(waiter: Reservation) {
        // For what was promised nobody goes.
        guard waiter.waiting?.booking == nil else { return }
        if waiter.waiting?.nominatedAt != nil { nominated.insert(waiter.id) } else { nominated.remove(waiter.id) }
        if waiter.strategy == .priority { askers[waiter.priority, default: []].insert(waiter.id) }
    }

    /// One waits no more.
    mutating func remove(waiter: Reservation) {
        nominated.remove(waiter.id)
        askers[waiter.priority]?.remove(waiter.id)
        if askers[waiter.priority]?.isEmpty == true { askers[waiter.priority] = nil }
    }

    /// Whether there is one who waits, and may have others go, and one that is of lower priority.
    var mayBe: Bool {
        guard let highest = askers.keys.max(), let lowest = ranks.keys.min() else { return false }
        return lowest < highest
    }

    /// All that go for others.
    var going: [ReservationID] { notices.values.flatMap { $0 } }

    /// Whether others go for it, and still hold something.
    func hasVictims(_ id: ReservationID) -> Bool { notices[id] != nil }

    /// What holds something and is of lower priority, in no order.
    func below(_ priority: Int) -> [ReservationID] { ranks.filter { $0.key < priority }.values.flatMap { $0 } }
}
