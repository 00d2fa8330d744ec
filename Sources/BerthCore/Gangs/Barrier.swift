package import BerthModel

/// A barrier as it stands now.
package struct Barrier: Hashable, Sendable {
    /// Whether it is a gang's.
    package var isOfGang: Bool
    /// How many arrive before it opens.
    package var size: Int
    /// The how manieth time it is waited at now, from 1 on.
    package var generation: Int
    /// Those who have arrived since it last opened.
    package var arrived: [ReservationID]
}

extension State {
    /// A barrier that somebody was at, or a gang's whose members run; nil for any other.
    package func barrier(_ key: GangKey) -> Barrier? {
        let members = liveMembers(of: key)
        let atIt = visitors(of: key)
        guard let size = members.isEmpty ? atIt.compactMap(\.arrival?.size).first : members.count else { return nil }
        return Barrier(
            isOfGang: !members.isEmpty, size: size, generation: generation(of: key),
            arrived: atIt.filter { $0.isWaiting(at: key.name) }.map(\.id).sorted())
    }

    /// Those whose barrier it is: the members of its gang, else those who were at no other since.
    private func visitors(of key: GangKey) -> [Reservation] {
        let members = liveMembers(of: key)
        return members.isEmpty ? (barriers[key] ?? []).compactMap { reservations[$0] }.filter(\.isLive) : members
    }

    /// A reservation has come to a barrier: it waits there, or, where all have come, it opens.
    /// - Parameters:
    ///   - size: how many arrive; needed from the first at a barrier that is no gang's
    ///   - generation: which time is meant, so that a retry after it has opened does not arrive again
    func arrive(
        _ id: ReservationID, at name: String, size: Int?, generation: Int?, _ caller: Caller
    ) throws(Refusal) -> Decision {
        let reservation = try live(id, caller)
        let key = GangKey(user: reservation.user, name: name)
        let barrier = barrier(key)
        let now = self.generation(of: key, for: reservation)
        if let generation, generation != now {
            // What it has passed already, it is not asked for again.
            if let passed = reservation.arrival(at: name), passed.generation >= generation {
                return Decision(answer: .done(id))
            }
            throw .violation(
                "/generation", "the barrier \"\(name)\" is in its generation \(now)", "say \(now) or nothing")
        }
        if let at = reservation.arrival, !at.isOpen {
            guard at.barrier == name else { throw .gang(.elsewhere(id, barrier: at.barrier)) }
            return Decision(answer: .done(id))
        }
        let isOfGang = reservation.gang?.id == name
        guard isOfGang || gangs[key] == nil else {
            throw .violation("/reservation", "the barrier \"\(name)\" is that of a gang, and \(id) is none of it", nil)
        }
        let known = isOfGang ? reservation.gang?.size : barrier?.size
        if let size, let known, size != known {
            throw .violation("/size", "the barrier \"\(name)\" is for \(known)", "say \(known) or nothing")
        }
        guard let size = known ?? size else {
            throw .violation(
                "/size", "the barrier \"\(name)\" is no gang's, and nobody has said how many arrive",
                "say \"size\": 4 with the first arrival")
        }
        let arrival = Arrival(barrier: name, generation: now, size: isOfGang ? nil : size)
        var decision = Decision(changes: [.arrived(id, arrival)], answer: .done(id))
        let arrived = (barrier?.arrived ?? []) + [id]
        if !isOfGang, arrived.count >= size { decision.changes += arrived.sorted().map { .barrierOpened($0) } }
        return decision
    }

    /// The how manieth time a barrier is waited at now, as those know it whose it is, and one who comes and was there before.
    private func generation(of key: GangKey, for reservation: Reservation? = nil) -> Int {
        (visitors(of: key) + [reservation].compactMap { $0 }).compactMap { $0.arrival(at: key.name) }
            .map { $0.generation + ($0.isOpen ? 1 : 0) }.max() ?? 1
    }

    /// Those of a gang that were granted and have not ended.
    private func liveMembers(of key: GangKey) -> [Reservation] {
        (gangs[key] ?? []).compactMap { reservations[$0] }.filter(\.isLive)
    }
}

// MARK: - What follows at a gang's barrier

extension State {
    /// The same decision with what follows from it at the barriers of gangs: one opens when all have arrived who have not
    /// ended, and until then those who have lend to the others. Whatever changes that changes it at once, for all.
    func meeting(_ decision: Decision) -> Decision {
        var touched: Set<GangKey> = []
        for change in decision.changes {
            switch change {
            case .arrived(let id, _), .ended(let id, _, _), .resized(let id, _):
                if let key = reservations[id]?.gangKey { touched.insert(key) }
            default: break
            }
        }
        var decision = decision
        for key in touched.sorted(by: { ($0.user, $0.name) < ($1.user, $1.name) }) { meet(key, &decision) }
        return decision
    }

    private func meet(_ key: GangKey, _ decision: inout Decision) {
        let all = liveMembers(of: key).map { after(decision.changes, $0) }.sorted { $0.id < $1.id }
        let members = all.filter(\.isLive)
        let arrived = members.filter { $0.isWaiting(at: key.name) }
        let isOpen = arrived.count == members.count
        if isOpen { decision.changes += arrived.map { .barrierOpened($0.id) } }
        let loans = isOpen ? [:] : Lending.loans(members, at: key.name)
        var moves: [(id: ReservationID, by: Quantity)] = []
        for member in all where member.borrowed != loans[member.id] ?? .zero {
            let borrowed = loans[member.id] ?? .zero
            decision.changes.append(.lent(member.id, borrowed))
            moves.append((member.id, borrowed - member.borrowed))
        }
        // Nothing is given out before it is taken back.
        moves.sort { $0.by < $1.by }
        decision.effects += moves.map { .ceiling($0.id) }
    }

    /// A reservation as it is after some changes, as far as that matters at a barrier.
    private func after(_ changes: [Event.Change], _ reservation: Reservation) -> Reservation {
        var reservation = reservation
        for change in changes {
            switch change {
            case .arrived(reservation.id, let arrival): reservation.arrival = arrival
            case .ended(reservation.id, let state, _): reservation.state = state
            case .resized(reservation.id, let grant): reservation.grant = grant
            default: break
            }
        }
        return reservation
    }

    /// Notes at which barrier a reservation is or was last, and at which no more.
    mutating func noteBarrier(of reservation: Reservation, before: Reservation?) {
        let former = before?.arrival?.barrier
        guard reservation.arrival?.barrier != former || before == nil else { return }
        if let before { forgetBarrier(of: before) }
        guard let name = reservation.arrival?.barrier else { return }
        barriers[GangKey(user: reservation.user, name: name), default: []].insert(reservation.id)
    }

    /// Notes that it is over.
    mutating func forgetBarrier(of reservation: Reservation) {
        guard let name = reservation.arrival?.barrier else { return }
        let key = GangKey(user: reservation.user, name: name)
        barriers[key]?.remove(reservation.id)
        if barriers[key]?.isEmpty == true { barriers[key] = nil }
    }
}

extension Refusal {
    fileprivate static func violation(_ pointer: String, _ message: String, _ hint: String?) -> Refusal {
        .invalid([Violation(code: "barrier_mismatch", pointer: pointer, message: message, hint: hint)])
    }
}
