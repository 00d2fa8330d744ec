internal import BerthCore
package import BerthModel

/// What clients look at.
extension Agent {
    /// One reservation, live or ended.
    package func reservation(_ id: ReservationID, for peer: Peer) async throws(AgentError) -> ReservationView {
        try need(.observe, peer)
        let found: Reservation?
        if let kept = state[id] { found = kept } else { found = try await endedReservation(id) }
        guard let found else { throw .refused(.unknown(id)) }
        let caller = self.caller(peer)
        guard found.user == caller.user || caller.isAdmin else { throw .refused(.notYours(id)) }
        await lookBeforeShowing(id)
        if let kept = state[id] { return await viewWithUsage(kept) }
        return await viewWithUsage(try await endedReservation(id) ?? found)
    }

    /// Live reservations and those that wait, or those of one state; a user's own, an admin's all. Oldest first; of ended ones the latest
    /// thousand.
    package func reservations(
        in wanted: Reservation.State?, for peer: Peer
    ) async throws(AgentError) -> [ReservationView] {
        try need(.observe, peer)
        let caller = self.caller(peer)
        var found = state.kept.filter { reservation in
            (reservation.user == caller.user || caller.isAdmin)
                && (wanted.map { $0 == reservation.state } ?? (reservation.isLive || reservation.state == .pending))
        }
        if let wanted, !wanted.isLive, wanted != .pending {
            // One that is freed while the ledger is read is in both.
            let seen = Set(found.map(\.id))
            do throws(LedgerError) {
                found += try await ports.ledger.ended(
                    state: wanted, user: caller.isAdmin ? nil : caller.user, limit: 1000
                ).filter { !seen.contains($0.id) }
            } catch {
                throw .ledger(error)
            }
        }
        found.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        let standings = found.contains { $0.state == .pending } ? state.standings(ports.clock.now()) : [:]
        return found.map { view($0, standings[$0.id]) }
    }

    /// What there is, what is held of it, and what is free, by type.
    package func resources(for peer: Peer) async throws(AgentError) -> [ResourceReport] {
        try need(.observe, peer)
        await measure()
        return ResourceReport.all(
            state, use: await ports.enforcer.hostUse(), quarantined: Set(quarantined.keys), at: ports.clock.now())
    }

    /// A reservation that has ended and holds nothing.
    func endedReservation(_ id: ReservationID) async throws(AgentError) -> Reservation? {
        do throws(LedgerError) { return try await ports.ledger.ended(id) } catch { throw .ledger(error) }
    }

    /// The reservation as it is now, live or just ended.
    func current(_ id: ReservationID) async throws(AgentError) -> ReservationView {
        if let waiter = state.waiters[id] { return view(waiter, state.standing(of: id, ports.clock.now())) }
        if let held = state.reservations[id] { return view(held) }
        if let ended = try await endedReservation(id) { return view(ended) }
        throw .refused(.unknown(id))
    }

    func view(_ reservation: Reservation, _ standing: Standing? = nil) -> ReservationView {
        var environment = reservation.environment(on: state.capacity)
        let isHeld = state.reservations[reservation.id] != nil
        let cgroup = isHeld ? ports.enforcer.path(of: reservation) : nil
        environment["BERTH_CGROUP"] = cgroup
        var view = ReservationView(
            reservation: reservation, environment: environment, usage: reservation.usage, cgroup: cgroup,
            quarantine: quarantined[reservation.id])
        if let standing { view.queue = QueueView(standing, ports.clock.now()) }
        return view
    }

    private func viewWithUsage(_ reservation: Reservation) async -> ReservationView {
        if reservation.state == .pending {
            return view(reservation, state.standing(of: reservation.id, ports.clock.now()))
        }
        var view = view(reservation)
        if state.reservations[reservation.id] != nil {
            view.usage = await ports.enforcer.usage(of: reservation)
            view.providedUsage = await providedUsage(reservation)
        }
        return view
    }
}
