internal import BerthJSON
package import BerthModel

/// Making, changing and removing pools, and moving reservations between them. What runs is never touched by it: a pool that
/// holds more than it may from now on takes nothing more until it has room.
extension State {
    /// Takes pools up as they are from now on.
    mutating func setPools(_ pools: Pools) {
        self.pools = pools
        policies = Policies(pools)
        hasPools = !pools.isTrivial
        waiters.line(by: policies, in: pools)
        poolHoldings = PoolHoldings()
        guard hasPools else { return }
        for reservation in reservations.values { poolHoldings.add(reservation.grant, to: reservation.pool, of: pools) }
    }

    /// Puts a reservation into another pool.
    mutating func move(_ id: ReservationID, to pool: PoolName, at time: Timestamp) {
        guard let former = self[id]?.pool else { return }
        update(id, at: time) {
            $0.pool = pool
            $0.waiting?.request.pool = pool
            // What others went for was of the pool that it was in.
            $0.waiting?.nominatedAt = nil
            $0.again?.request.pool = pool
        }
        dropDrained(former)
    }

    /// Lets a pool go that takes nobody any more and has nobody left.
    mutating func dropDrained(_ name: PoolName) {
        guard pools[name]?.isDraining == true, members(of: name) == 0 else { return }
        do throws(PoolError) { setPools(try pools.removing(name)) } catch { return }
    }

    /// How many reservations are in a pool or wait for it.
    package func members(of name: PoolName) -> Int {
        reservations.values.count { $0.pool == name } + waiters.all.count { $0.pool == name }
    }

    /// Throws where nothing more can be asked of a pool.
    func check(_ pool: PoolName) throws(Refusal) {
        guard let known = pools[pool], !known.isDraining else { throw .unknownPool(pool) }
    }

    // MARK: - Commands

    func set(_ pool: Pool) throws(Refusal) -> Decision {
        if pools[pool.name]?.isConfigured == true { throw .poolConfigured(pool.name) }
        return try changing(pool.name) { () throws(PoolError) in try pools.setting(pool) }
    }

    func remove(_ name: PoolName, drain: Bool) throws(Refusal) -> Decision {
        guard let pool = pools[name] else { throw .unknownPool(name) }
        guard !pool.isConfigured else { throw .poolConfigured(name) }
        guard pools.within(name).isEmpty else {
            let names = pools.within(name).map(\.text).joined(separator: ", ")
            throw .poolInvalid(
                PoolFault(
                    "there are pools within the pool \(name): \(names)",
                    hint: "remove these first, or put them elsewhere"))
        }
        let members = name == .standard ? 0 : members(of: name)
        guard members > 0 else {
            return try changing(name) { () throws(PoolError) in try pools.removing(name) }
        }
        guard drain else { throw .poolInUse(name, members) }
        var draining = pool
        draining.isDraining = true
        return try changing(name) { () throws(PoolError) in try pools.setting(draining) }
    }

    /// The configuration's pools are these; what the API made stays beside them, unless one here has its name. What is
    /// there no more and holds something goes when it does no more.
    func configure(_ configured: [Pool]) throws(Refusal) -> Decision {
        let names = Set(configured.map(\.name))
        var all = configured
        for var pool in pools.all where !names.contains(pool.name) && pool.name != .standard {
            let isGone = pool.isConfigured
            guard !isGone || members(of: pool.name) > 0 else { continue }
            if isGone {
                // A static one has no more than it had, though nothing is kept for it.
                if pool.kind == .static { (pool.kind, pool.most) = (.dynamic, pool.guaranteed) }
                (pool.isConfigured, pool.isDraining, pool.guaranteed) = (false, true, [:])
            }
            all.append(pool)
        }
        // What goes is of the host itself without the pool that it was in.
        let left = Set(all.map(\.name))
        for index in all.indices where all[index].isDraining {
            all[index].parent = all[index].parent.flatMap { left.contains($0) ? $0 : nil }
        }
        if !names.contains(.standard), let standard = pools[.standard], !standard.isConfigured { all.append(standard) }
        return try changing(nil) { () throws(PoolError) in try Pools(all) }
    }

    private func changing(_ name: PoolName?, _ make: () throws(PoolError) -> Pools) throws(Refusal) -> Decision {
        let changed: Pools
        do throws(PoolError) { changed = try make() } catch {
            throw .poolInvalid(PoolFault(error.description, pointer: error.pointer, hint: error.hint))
        }
        if let excess = excess(of: changed) { throw .poolInvalid(excess) }
        let accounting = Policies(changed).accounting
        return Decision(
            changes: (changed == pools ? [] : [.poolsChanged(changed)])
                + (accounting == accounts.accounting ? [] : [.accountingChanged(accounting)]), answer: .nothing)
    }

    /// What more of the pools of the host is guaranteed from now on than it has; nil where it has it all, or is not known
    /// yet. A unit that has failed is counted: pools are not to stand still for that.
    private func excess(of changed: Pools) -> PoolFault? {
        guard let capacity else { return nil }
        for type in changed.types.sorted() {
            let sum = changed.guaranteed(type)
            guard sum > pools.guaranteed(type), let whole = capacity.whole(of: type), sum > whole else { continue }
            func text(_ amount: Int128) -> String { type.measure.text(Quantity(Int64(clamping: amount))) }
            return PoolFault(
                "the pools of the host are guaranteed \(text(sum)) \(type) together, and it has \(text(whole))",
                pointer: JSONPointer(["guaranteed", type.name]),
                hint: "guarantee \(text(sum - whole)) \(type) less in all")
        }
        return nil
    }

    func move(
        _ id: ReservationID, to pool: PoolName, _ caller: Caller, _ now: Now
    ) throws(Refusal) -> Decision {
        guard let reservation = self[id] else { throw .unknown(id) }
        guard reservation.user == caller.user || caller.isAdmin else { throw .notYours(id) }
        try check(pool)
        guard pool != reservation.pool else { return Decision(answer: .done(id)) }
        // A gang has one place in the queue, and so one pool.
        if let gang = reservation.gang, let key = reservation.gangKey, (gangs[key] ?? []).count > 1 {
            throw .gang(.mismatch(gang, pointer: "/pool", theirs: reservation.pool.text))
        }
        let change = Event.Change.moved(id, pool)
        if reservation.state == .pending {
            // It holds nothing: it waits there from now on, if it could ever be granted there.
            var moved = reservation
            moved.pool = pool
            if let never = never([moved], in: pool, now) { throw never }
            if let booking = reservation.waiting?.booking,
                let excess = foreseenExcess(
                    of: moved, promising: booking.grant, from: booking.start, until: booking.end, now)
            {
                throw .overQuota(excess)
            }
            try checkRoom(for: reservation, promisedIn: pool, now)
            return Decision(changes: [change], answer: .done(id))
        }
        guard reservation.isLive else { throw .ended(id) }
        guard reservation.preemption == nil else { throw .preempted(id) }
        if let excess = excess(of: reservation, movedTo: pool, now) { throw .overQuota(excess) }
        let amounts = Amounts(reservation.grant)
        let short = rooms(without: reservation, for: pool)?.shortfalls(amounts) ?? []
        guard short.isEmpty else {
            throw .insufficient(short, ever: short.allSatisfy { $0.asked <= $0.capacity })
        }
        if !waiters.isEmpty {
            let there = rooms(without: reservation, for: pool)
            let own = reservation.grant.holds.filter { there?.isOwn(Int128($0.amount.units), of: $0.type) ?? false }
            let (_, steps, closed) = heldOn(beside: reservation, entering: pool, own: Set(own.map(\.type)), now)
            let short = rooms(without: reservation, for: pool, during: steps)?.shortfalls(amounts) ?? []
            guard short.isEmpty, !reservation.grant.hasAny(of: closed) else { throw .wouldDelay(waiting(now)) }
        }
        return Decision(
            changes: [change], effects: [.move(id, from: reservation.pool, to: pool)], answer: .done(id))
    }

    /// What runs there is held there, whether or not others have taken that place meanwhile.
    func noteUnmoved(_ id: ReservationID, _ pool: PoolName) -> Decision {
        guard let reservation = reservations[id], reservation.pool != pool else { return Decision(answer: .nothing) }
        return Decision(changes: [.moved(id, pool)], answer: .done(id))
    }
}

extension Pools {
    /// How much of a type is kept for the pools of the host together.
    fileprivate func guaranteed(_ type: ResourceType) -> Int128 {
        within(nil).compactMap { self[$0] }
            .reduce(0) { $0 + ($1.isDraining ? 0 : Int128($1.guaranteed[type]?.units ?? 0)) }
    }
}

extension Capacity {
    /// How much there is of a type beside what is kept for the host; nil where there is no end of it, or nobody has said yet.
    fileprivate func whole(of type: ResourceType) -> Int128? {
        guard type == .gpu || type.isProvided else { return free(of: type, beside: Holdings(), nil) }
        if type.isProvided, provided[type] == nil { return nil }
        return Int128(wholeUnits(type).count { !$0.isPart }) * Int128(type.whole.units)
    }
}

// MARK: - What pools hold and may take

extension State {
    /// What a pool holds, with the pools within it.
    package func held(by name: PoolName) -> Amounts {
        if hasPools { return poolHoldings[name] }
        return reservations.values.reduce(into: Amounts()) { $0.add(Amounts($1.grant)) }
    }

    /// What a pool may take now, of the types that pools say anything of, beside what is under maintenance.
    package func free(of name: PoolName, _ now: Now) -> [ResourceType: Quantity] {
        var held = holdings
        held.withheld = withheld(before: now.wall + .milliseconds(1), now)
        guard let rooms = rooms(for: name, at: [(held, poolHoldings)]) else { return [:] }
        return pools.types.reduce(into: [:]) { free, type in
            free[type] = rooms.most(of: type).map { Quantity(Int64(clamping: $0)) }
        }
    }
}

extension State {
    /// What a pool may take if a reservation held nothing.
    func rooms(without reservation: Reservation, for pool: PoolName) -> PoolRooms? {
        guard hasPools else { return nil }
        var moment = (held: holdings, pools: poolHoldings)
        moment.held.remove(reservation.grant)
        moment.pools.add(reservation.grant, sign: -1, to: reservation.pool, of: pools)
        return rooms(for: pool, at: [moment])
    }

    /// The same at each of some moments to come.
    func rooms(
        without reservation: Reservation, for pool: PoolName, during steps: ArraySlice<Timeline.Step>
    ) -> PoolRooms? {
        guard hasPools else { return nil }
        let moments = steps.map { step in
            var moment = (held: step.held, pools: step.pools)
            if reservation.lease == nil || step.at < reservation.deadline ?? .max {
                moment.held.remove(reservation.grant)
                moment.pools.add(reservation.grant, sign: -1, to: reservation.pool, of: pools)
            }
            return moment
        }
        return rooms(for: pool, at: moments)
    }
}
