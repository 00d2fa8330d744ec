internal import BerthCore
package import BerthModel

/// What is asked of pools.
extension Agent {
    /// All pools, by name.
    package func pools(for peer: Peer) async throws(AgentError) -> [PoolView] {
        try need(.observe, peer)
        var views: [PoolView] = []
        for pool in state.pools.all { views.append(await view(pool)) }
        return views
    }

    /// One pool.
    package func pool(_ name: PoolName, for peer: Peer) async throws(AgentError) -> PoolView {
        try need(.observe, peer)
        guard let pool = state.pools[name] else { throw .refused(.unknownPool(name)) }
        return await view(pool)
    }

    /// Makes a pool, or takes one to be this.
    package func setPool(_ pool: Pool, by peer: Peer) async throws(AgentError) -> PoolView {
        try need(.admin, peer)
        try await changePools(.setPool(pool))
        return try await self.pool(pool.name, for: peer)
    }

    /// Removes a pool, with `drain` when it holds nothing any more. Answers how it last was.
    package func removePool(_ name: PoolName, drain: Bool, by peer: Peer) async throws(AgentError) -> PoolView {
        try need(.admin, peer)
        var last = try await pool(name, for: peer)
        try await changePools(.removePool(name, drain: drain))
        last.pool.isDraining = true
        return last
    }

    /// Takes the pools of the configuration to be these, on a host of this capacity. Both are judged before either is taken;
    /// only where an administrator changes pools in the same moment may the capacity be taken alone.
    /// - Returns: why not; nil where they are
    package func configure(_ pools: [Pool], on capacity: Capacity) async -> String? {
        var changed = state
        let now = ports.clock.now()
        for change in changed.decide(.setCapacity(capacity), now).changes { changed.apply(change, at: now.wall) }
        if case .refused(let refusal) = changed.decide(.configurePools(pools), now).answer {
            guard case .poolInvalid(let fault) = refusal else { return "the agent refuses them: \(refusal)" }
            return fault.reason
        }
        await setCapacity(capacity)
        return await configurePools(pools)
    }

    /// Takes the pools of the configuration to be these, for the start: where the host has not what they are guaranteed, what they
    /// say of who may have what holds all the same, in the pools that there were.
    func startPools(_ pools: [Pool]) async -> String? {
        guard let reason = await configurePools(pools) else { return nil }
        let former = state.pools.all.filter { $0.isConfigured && $0.name != .standard } + [Pool(.standard)]
        _ = await configurePools(
            former.map { pool in
                var pool = pool
                pool.policy = pools.first { $0.name == pool.name }?.policy
                pool.isConfigured = true
                return pool
            })
        return reason
    }

    /// Takes the pools of the configuration to be these.
    /// - Returns: why not; nil where they are
    func configurePools(_ pools: [Pool]) async -> String? {
        do throws(AgentError) { try await changePools(.configurePools(pools)) } catch {
            guard case .refused(.poolInvalid(let fault)) = error else {
                // The ledger could not take them; they are taken when it can.
                configured = pools
                return switch error {
                case .ledger(let failure): "\(failure)"
                case .unavailable(let reason): reason
                default: "the agent refuses them: \(error)"
                }
            }
            return fault.reason
        }
        configured = pools
        return nil
    }

    private func changePools(_ command: Command) async throws(AgentError) {
        try needServing()
        let former = state.pools
        let (decision, stored) = carryOut(command)
        if case .refused(let refusal) = decision.answer { throw .refused(refusal) }
        try await settle(stored)
        // Who asks for what there is already has it looked at again.
        if state.pools == former { await ports.enforcer.use(state.pools) } else { await bringing?.value }
        look(atThoseIn: state.pools, since: former)
    }

    /// What the kernel holds of those in pools that are others now is read again, for the receipts that they have.
    private func look(atThoseIn pools: Pools, since former: Pools) {
        let changed = Set(pools.all.filter { former[$0.name] != nil && former[$0.name] != $0 }.map(\.name))
        // A pool's weight is worth something among those beside it, which may take what it may not.
        let weighed = changed.filter { name in
            let (new, old) = (pools[name], former[name])
            return new?.weight != old?.weight || new?.hasCeiling != old?.hasCeiling
                || new?.most(of: .cpu) != old?.most(of: .cpu)
        }
        let parents = Set(weighed.map { pools[$0]?.parent })
        let ids = state.reservations.values.filter { reservation in
            reservation.isLive
                && pools.path(of: reservation.pool).contains {
                    changed.contains($0.name) || parents.contains($0.parent)
                }
        }.map(\.id)
        guard !ids.isEmpty else { return }
        Task { for id in ids.sorted() { await self.enforceAgain(id) } }
    }

    /// Puts a reservation into another pool; what runs in it goes on.
    package func move(
        _ id: ReservationID, to pool: PoolName, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try needPool(pool, peer)
        return try await alone(with: id) { () async throws(AgentError) in
            let effects = try await self.change(.move(id, to: pool, self.caller(peer)), by: peer)
            for case .move(_, let former, _) in effects { try await self.carryOver(id, from: former, to: pool) }
            return try await self.current(id)
        }
    }

    /// Has the kernel follow a move. Where it cannot, the reservation stays where it is.
    private func carryOver(
        _ id: ReservationID, from former: PoolName, to pool: PoolName
    ) async throws(AgentError) {
        guard let reservation = state.reservations[id], reservation.isLive else { return }
        let receipts: [Receipt]
        do throws(EnforcementError) {
            receipts = try await ports.enforcer.move(reservation, from: former, to: pool)
        } catch {
            try await settle(carryOut(.noteUnmoved(id, former)).stored)
            await hold(id)
            throw .refused(error.refusal)
        }
        let (decision, stored) = carryOut(.noteEnforced(id, receipts))
        try await settle(stored)
        follow(decision.effects)
    }

    /// Throws where a pool, or one that it is within, is for others.
    func needPool(_ name: PoolName, _ peer: Peer) throws(AgentError) {
        guard roles.role(of: peer) != .admin, state.pools[name] != nil else { return }
        if let pool = state.pools.barring(user: peer.user, groups: peer.groups, from: name) {
            throw .refused(.poolDenied(pool.name))
        }
    }

    private func view(_ pool: Pool) async -> PoolView {
        let receipts = await ports.enforcer.receipts(of: pool.name)
        return PoolView(
            pool: pool, held: state.held(by: pool.name), free: state.free(of: pool.name, ports.clock.now()),
            reservations: state.reservations.values.count { $0.pool == pool.name },
            waiting: state.waiters.all.count { $0.pool == pool.name && $0.waiting?.booking == nil },
            receipts: receipts)
    }
}
