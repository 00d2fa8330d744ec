package import BerthCore
package import BerthModel

/// What clients ask for, one method each.
extension Agent {
    /// Grants a reservation, has the kernel hold it, and attaches the caller where it wants that.
    package func reserve(
        _ request: ReservationRequest, by peer: Peer, retry: RetryKey? = nil
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try needServing()
        if let retry, let ended = try await ended(peer, retry) { return view(ended) }
        let process = request.attachesCaller ? try ownProcess(of: peer) : nil
        let id = ports.ids.next()
        let (decision, stored) = carryOut(.reserve(id, request, roles.caller(peer), retry))
        let granted = try answer(decision)
        guard granted == id else { return try await retried(granted, process, peer) }
        return try await alone(with: id) { () async throws(AgentError) in
            try await self.settle(stored)
            if let refusal = await self.enforce(id) { throw .refused(refusal) }
            if let process { try await self.attachCaller(process, to: id) }
            return try await self.current(id)
        }
    }

    /// Changes what a reservation holds, live.
    package func resize(
        _ id: ReservationID, _ change: ResourceChange, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        return try await alone(with: id) { () async throws(AgentError) in
            try await self.change(.resize(id, change, self.roles.caller(peer)), by: peer)
            if let refusal = await self.enforce(id) { throw .refused(refusal) }
            return try await self.current(id)
        }
    }

    /// Sets a reservation's lease anew, from now.
    package func renew(
        _ id: ReservationID, _ lease: Duration, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try await change(.renew(id, lease, roles.caller(peer)), by: peer)
        return try await current(id)
    }

    /// Ends a reservation and answers when nothing of it runs any more; again, the same answer.
    package func release(
        _ id: ReservationID, grace: Duration? = nil, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        do throws(AgentError) {
            try await change(.release(id, roles.caller(peer)), by: peer, following: false)
        } catch .over(let reservation) {
            return view(reservation)
        }
        let last = state.reservations[id]
        await finish(id, grace: grace ?? Agent.grace)
        if let last { return view(last) }
        return try await current(id)
    }

    /// Attaches the caller, or another process of the same user, to a reservation.
    package func attach(
        _ pid: Int32?, to id: ReservationID, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try await change(.attach(id, roles.caller(peer)), by: peer)
        let process: any ProcessHandle
        if let pid {
            do throws(AttachError) { process = try ports.processes.process(pid) } catch { throw .attach(error) }
            guard peer.user == 0 || process.users.areAll(peer.user) else { throw .attach(.notYours(pid: pid)) }
        } else {
            process = try ownProcess(of: peer)
        }
        return try await alone(with: id) { () async throws(AgentError) in
            try await self.attach(process, to: id)
            return try await self.current(id)
        }
    }

    /// What the core would answer to a request now; nothing is held by it.
    package func explain(_ request: ReservationRequest, by peer: Peer) throws(AgentError) -> Decision {
        try need(.submit, peer)
        try needServing()
        return state.decide(.reserve(ports.ids.next(), request, roles.caller(peer), nil), ports.clock.now())
    }
}

extension Agent {
    /// Decides, stores, and starts what follows from it; throws where the core refuses.
    private func change(_ command: Command, by peer: Peer, following: Bool = true) async throws(AgentError) {
        try needServing()
        let (decision, stored) = carryOut(command)
        do throws(AgentError) {
            _ = try answer(decision)
        } catch .refused(.unknown(let id)) {
            throw try await overOrUnknown(id, peer)
        }
        try await settle(stored)
        if following { follow(decision.effects.filter { if case .end = $0 { true } else { false } }) }
    }

    private func answer(_ decision: Decision) throws(AgentError) -> ReservationID {
        switch decision.answer {
        case .done(let id): return id
        case .refused(let refusal): throw .refused(refusal)
        case .nothing: throw .unavailable("the agent knows nothing of its host yet")
        }
    }

    /// A reservation that the core does not hold: one that is over, another user's, or none.
    private func overOrUnknown(_ id: ReservationID, _ peer: Peer) async throws(AgentError) -> AgentError {
        guard let reservation = try await endedReservation(id) else { return .refused(.unknown(id)) }
        let caller = roles.caller(peer)
        guard reservation.user == caller.user || caller.isAdmin else { return .refused(.notYours(id)) }
        return .over(reservation)
    }

    /// The ended reservation that the same request made before, while its key is kept.
    private func ended(_ peer: Peer, _ retry: RetryKey) async throws(AgentError) -> Reservation? {
        guard state.reservation(of: peer.user, retry: retry.key) == nil else { return nil }
        let ended: Reservation?
        do throws(LedgerError) {
            ended = try await ports.ledger.ended(user: peer.user, retry: retry.key)
        } catch {
            throw .ledger(error)
        }
        guard let ended, ended.retry == retry else {
            if ended != nil { throw .refused(.keyReused(retry.key)) }
            return nil
        }
        return ended
    }

    /// A retry of a request that was granted: waits until the first is answered, and answers the same.
    private func retried(
        _ id: ReservationID, _ process: (any ProcessHandle)?, _ peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try await alone(with: id) { () async throws(AgentError) in
            guard let reservation = self.state.reservations[id], reservation.isLive else {
                return try await self.current(id)
            }
            if let process, !reservation.attached.contains(process.identity) {
                try await self.attach(process, to: id)
            }
            return try await self.current(id)
        }
    }

    /// The process at the other end, which must be one that its user may move.
    private func ownProcess(of peer: Peer) throws(AgentError) -> any ProcessHandle {
        let process: any ProcessHandle
        do throws(AttachError) { process = try peer.process() } catch { throw .attach(error) }
        guard peer.user == 0 || process.users.areAll(peer.user) else { throw .attach(.notYours(pid: peer.pid)) }
        return process
    }

    /// Attaches the caller with the grant; a grant whose caller is gone is given back.
    private func attachCaller(_ process: any ProcessHandle, to id: ReservationID) async throws(AgentError) {
        do throws(AgentError) {
            try await attach(process, to: id)
        } catch {
            let (decision, stored) = carryOut(.noteAttachFailed(id))
            settleLater(stored)
            follow(decision.effects)
            throw error
        }
    }

    private func attach(_ process: any ProcessHandle, to id: ReservationID) async throws(AgentError) {
        let identity = process.identity
        if let holder = holders[identity] {
            guard holder != id else { return }
            throw .attach(.heldElsewhere(pid: identity.pid, holder))
        }
        guard let reservation = state.reservations[id], reservation.isLive else { throw .refused(.ended(id)) }
        holders[identity] = id
        do throws(AttachError) {
            try await ports.enforcer.attach(process, to: reservation) { [weak self] in
                Task { await self?.noteExited(id, identity) }
            }
        } catch {
            holders[identity] = nil
            throw .attach(error)
        }
        let (decision, stored) = carryOut(.noteAttached(id, identity))
        guard case .done = decision.answer else {
            holders[identity] = nil
            throw .refused(.ended(id))
        }
        if exitedEarly.remove(identity) != nil { noteExited(id, identity) }
        try await settle(stored)
    }
}
