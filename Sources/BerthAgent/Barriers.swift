package import BerthCore
package import BerthJSON
package import BerthModel

/// A barrier as a client sees it.
package struct BarrierView: Hashable, Sendable {
    /// What its user calls it.
    package var name: String
    /// How it stands; nil where it has just opened and nobody is left there.
    package var barrier: Barrier?
    /// The generation that the client arrived in; nil where it only looks.
    package var generation: Int?
    /// Whether that has opened.
    package var isOpen: Bool

    /// The barrier's document.
    package var json: JSONValue {
        var object: JSONObject = ["id": .string(name)]
        object["generation"] = (generation ?? barrier?.generation).map { JSONValue($0) }
        if generation != nil { object["open"] = .bool(isOpen) }
        object["size"] = barrier.map { JSONValue($0.size) }
        object["gang"] = barrier.map { .bool($0.isOfGang) }
        object["arrived"] = .array((isOpen ? [] : barrier?.arrived ?? []).map { .string($0.description) })
        return .object(object)
    }
}

/// Sees to those who meet at barriers.
extension Agent {
    /// A reservation arrives. Answers at once; ``opening(_:of:at:for:)`` waits until all have.
    package func arrive(
        _ id: ReservationID, at name: String, size: Int?, generation: Int?, by peer: Peer
    ) async throws(AgentError) -> BarrierView {
        try need(.submit, peer)
        try await change(.arrive(id, at: name, size: size, generation: generation, self.caller(peer)), by: peer)
        // Where it was the last, what was lent is on its way back: that takes no longer than the kernel does.
        if opening.contains(id) { _ = await told(of: id) }
        return try barrierView(id, name, generation)
    }

    /// Waits until the barrier opens at which a reservation has arrived, with all that was lent given back. The end of the
    /// task ends the wait, and changes nothing: it has arrived all the same.
    package func opening(
        _ generation: Int, of id: ReservationID, at name: String, for peer: Peer
    ) async throws(AgentError) -> BarrierView {
        if state.reservations[id]?.isWaiting(at: name) == true || opening.contains(id) { _ = await told(of: id) }
        guard state.reservations[id]?.isLive == true else {
            if let ended = try await endedReservation(id) ?? state.reservations[id] { throw .over(ended) }
            throw .refused(.unknown(id))
        }
        return try barrierView(id, name, generation)
    }

    /// A barrier of the caller's.
    package func barrier(_ name: String, for peer: Peer) throws(AgentError) -> BarrierView? {
        try need(.observe, peer)
        let found = state.barrier(GangKey(user: self.caller(peer).user, name: name))
        return found.map { BarrierView(name: name, barrier: $0, generation: nil, isOpen: false) }
    }

    private func barrierView(
        _ id: ReservationID, _ name: String, _ generation: Int?
    ) throws(AgentError) -> BarrierView {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        let barrier = state.barrier(GangKey(user: reservation.user, name: name))
        let arrived = generation ?? reservation.arrival(at: name)?.generation ?? 1
        // What was lent may be on its way back.
        let isWaiting = reservation.isWaiting(at: name) || opening.contains(id)
        let isOpen = !isWaiting || arrived < reservation.arrival(at: name)?.generation ?? 1
        return BarrierView(name: name, barrier: barrier, generation: arrived, isOpen: isOpen)
    }

    /// Has the kernel follow what is lent and given back, one ceiling after the other in the order of the decision, and then
    /// tells those whose barrier has opened, or who have ended at one.
    func meet(_ decision: Decision, _ stored: Storing) {
        var loans: [ReservationID: Quantity] = [:]
        for case .lent(let id, let borrowed) in decision.changes { loans[id] = borrowed }
        var ceilings: [(id: ReservationID, borrowed: Quantity)] = []
        for case .ceiling(let id) in decision.effects { ceilings.append((id, loans[id] ?? .zero)) }
        var opened: Set<ReservationID> = []
        var ended: Set<ReservationID> = []
        for change in decision.changes {
            switch change {
            case .barrierOpened(let id): opened.insert(id)
            case .ended(let id, _, _) where state.reservations[id]?.arrival != nil: ended.insert(id)
            default: break
            }
        }
        guard !ceilings.isEmpty || !opened.isEmpty || !ended.isEmpty else { return }
        opening.formUnion(opened)
        let users = Dictionary(grouping: ceilings.map(\.id) + opened + ended) { state.reservations[$0]?.user ?? 0 }
        for (user, ids) in users {
            let ids = Set(ids)
            let before = lending[user]
            lending[user] = Task {
                await before?.value
                await self.meet(
                    ceilings.filter { ids.contains($0.id) }, opened: opened.intersection(ids),
                    ended: ended.intersection(ids), stored)
            }
        }
    }

    private func meet(
        _ ceilings: [(id: ReservationID, borrowed: Quantity)], opened: Set<ReservationID>, ended: Set<ReservationID>,
        _ stored: Storing
    ) async {
        var failure: AgentError?
        do throws(AgentError) { try await settle(stored) } catch { failure = error }
        for id in ended { tell(id, failure) }
        // One that ends keeps the ceiling that it has, and nobody waits for its last process.
        for (id, borrowed) in ceilings where state.reservations[id]?.isLive == true {
            // A later decision may have lent more, and not lowered the lender's yet. What could not be stored has not
            // happened: the kernel then follows what there is.
            await alone(with: id) { await self.hold(id, borrowing: failure == nil ? borrowed : nil) }
        }
        opening.subtract(opened)
        for id in opened { tell(id, failure) }
    }
}
