internal import BerthJSON
internal import BerthModel

extension State {
    /// How long a reservation without a lease waits for its first process.
    package static let attachTimeout: Duration = .seconds(60)

    /// What a command leads to. Only reads: nothing has happened until the changes are applied.
    package func decide(_ command: Command, _ now: Now) -> Decision {
        var decision = meeting(decideAlone(command, now))
        // Not by map: a method taken as a value takes a copy of all of the state with it.
        for index in decision.changes.indices { decision.changes[index] = expecting(decision.changes[index]) }
        return decision
    }

    /// The same without what follows from it at barriers.
    private func decideAlone(_ command: Command, _ now: Now) -> Decision {
        do throws(Refusal) {
            switch command {
            case .setCapacity(let capacity): return setCapacity(capacity)
            case .setUnits(let type, let units): return setUnits(type, units)
            case .noteBoot(let boot): return noteBoot(boot, now)
            case .reserve(let id, let request, let caller, let retry):
                return try reserve(id, request, caller, retry, now)
            case .resize(let id, let change, let caller): return try resize(id, change, caller, now)
            case .renew(let id, let lease, let caller): return try renew(id, lease, caller, now)
            case .move(let id, let pool, let caller): return try move(id, to: pool, caller, now)
            case .release(let id, let caller): return try release(id, caller)
            case .attach(let id, let caller): return Decision(answer: .done(try live(id, caller).id))
            case .arrive(let id, let name, let size, let generation, let caller):
                return try arrive(id, at: name, size: size, generation: generation, caller)
            case .admit(let depth): return admit(depth, now)
            case .tick: return tick(now)
            case .noteAttached(let id, let process): return noteAttached(id, process)
            case .noteExited(let id, let process): return noteExited(id, process)
            case .noteOutside(let id, let outside): return noteOutside(id, outside)
            case .noteAttachFailed(let id): return noteAttachFailed(id)
            case .noteProvided(let id, let provisions): return noteProvided(id, provisions)
            case .noteUnprovided(let id, let type, let reason, let hint):
                return try noteUnprovided(id, .provider(type, reason: reason, hint: hint))
            case .noteEnforced(let id, let receipts): return try noteEnforced(id, receipts)
            case .noteUnenforced(let id, let receipts, let reason):
                return try noteUnenforced(id, receipts, reason)
            case .noteAmended(let id, let amendments):
                guard self[id] != nil else { throw .unknown(id) }
                return Decision(changes: [.amended(id, amendments)], answer: .done(id))
            case .noteResized(let id, let grant, let receipts): return try noteResized(id, grant, receipts)
            case .noteEmptied(let id, let outOfMemory): return noteEmptied(id, outOfMemory, now)
            case .adopt(let reservation): return adopt(reservation)
            case .noteFreed(let id, let usage):
                guard let held = reservations[id], !held.isLive else { return Decision(answer: .nothing) }
                return Decision(changes: [.freed(id, usage)] + dropped(by: held, keeping: Grant([])), answer: .done(id))
            case .noteUnmoved(let id, let pool): return noteUnmoved(id, pool)
            case .configurePools(let pools): return try configure(pools)
            case .setPool(let pool): return try set(pool)
            case .removePool(let name, let drain): return try remove(name, drain: drain)
            case .addWindow(let window): return try addWindow(window, now)
            case .removeWindow(let id): return try removeWindow(id)
            case .noteUnmanaged(let memory): return noteUnmanaged(memory)
            }
        } catch {
            return Decision(answer: .refused(error))
        }
    }

    /// The reservation, if it is live and the caller may act on it.
    func live(_ id: ReservationID, _ caller: Caller) throws(Refusal) -> Reservation {
        guard let reservation = self[id] else { throw .unknown(id) }
        guard reservation.user == caller.user || caller.isAdmin else { throw .notYours(id) }
        guard reservation.state != .pending else { throw .pending(id) }
        guard reservation.isLive else { throw .ended(id) }
        return reservation
    }

    /// The changes and effects that end a live reservation.
    func ending(
        _ id: ReservationID, _ state: Reservation.State, _ reason: Reservation.EndReason, answer: Answer
    ) -> Decision {
        Decision(changes: [.ended(id, state, reason)], effects: [.end(id)], answer: answer)
    }
}

// MARK: - What clients ask

extension State {
    private func reserve(
        _ id: ReservationID, _ asked: ReservationRequest, _ caller: Caller, _ retry: RetryKey?, _ now: Now
    ) throws(Refusal) -> Decision {
        guard capacity != nil, self[id] == nil else { throw .unknown(id) }
        if let retry, let first = reservation(of: caller.user, retry: retry.key) {
            guard first.retry == retry else { throw .keyReused(retry.key) }
            return Decision(answer: .done(first.id))
        }
        try check(asked.lease, caller)
        try check(asked.pool)
        var request = asked
        request.strategy = pools.strategy(for: asked)
        if let cap = caller.caps.priority, request.priority > cap { throw .overCap(.priority(cap)) }
        let user = users[caller.user] ?? UserHoldings()
        if let cap = caller.caps.reservations, user.live + waiters.count(of: caller.user) >= cap {
            throw .overCap(.reservations(cap))
        }
        let candidate = waiter(id, request, caller, retry, now, request.wait ?? .zero)
        if let gang = request.gang { return try join(gang, candidate, now) }
        if let start = request.start { return try book(candidate, at: start, caller, now) }
        let choice: Choice
        do throws(Refusal) {
            choice = try choose(
                request, caller, having: user.holdings, beside: holdings, in: rooms(for: request.pool)
            ) { excess(of: candidate, holding: $0, now) }
        } catch {
            guard request.wait != nil || mayPreempt(candidate), error.mayPass(for: caller.caps) else { throw error }
            // What is short may be given back, and something else be in the way for ever all the same.
            if hasPools || !caller.caps.quantities.isEmpty || policies.hasQuotas,
                let never = never([candidate], in: request.pool, now)
            {
                throw never
            }
            if let decision = preempting(for: candidate, now) { return decision }
            guard request.wait != nil else { throw error }
            return queue(candidate)
        }
        if !isClear(until: request.lease.map { now.wall + $0 }, now) {
            let (turn, hasPassed) = turn(of: candidate, now)
            guard case .now(let choice) = turn else {
                if let decision = preempting(for: candidate, now) { return decision }
                guard request.wait != nil else { throw delay(of: request, caller, now) }
                return queue(candidate)
            }
            let standing = standing(of: candidate, choosing: choice, now)
            if case .over(let excess) = standing {
                guard request.wait != nil else { throw .overQuota(excess) }
                return queue(candidate)
            }
            var granted = candidate.granted(choice, now, isSurplus: standing.isSurplus)
            granted.hasPassed = hasPassed
            return grant(granted, choice)
        }
        let wait = request.lease ?? State.attachTimeout
        var reservation = Reservation(
            id: id, user: caller.user, request: request, grant: choice.grant, alternative: choice.alternative,
            retry: retry, createdAt: now.wall, expiresAt: request.lease.map { now.wall + $0 },
            deadline: now.uptime + wait.milliseconds)
        reservation.group = caller.group
        reservation.isSurplus = standing(of: candidate, choosing: choice, now).isSurplus
        reservation.choice = choice.units
        reservation.again = candidate.askedAgain
        return grant(reservation, choice)
    }

    private func grant(_ reservation: Reservation, _ choice: Choice) -> Decision {
        var decision = Decision(
            changes: [.granted(reservation)], effects: [.enforce(reservation.id)], answer: .done(reservation.id))
        decision.passed = choice.passed
        decision.short = choice.short
        return decision
    }

    func waiter(
        _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ retry: RetryKey?, _ now: Now,
        _ limit: Duration
    ) -> Reservation {
        var waiter = Reservation(
            id: id, user: caller.user, waiting: Waiting(request: request, caps: caller.caps, isAdmin: caller.isAdmin),
            retry: retry,
            createdAt: now.wall, expiresAt: now.wall + limit, deadline: now.uptime + limit.milliseconds)
        waiter.group = caller.group
        return waiter
    }

    private func queue(_ reservation: Reservation) -> Decision {
        Decision(changes: [.queued(reservation)], answer: .done(reservation.id))
    }

    private func resize(
        _ id: ReservationID, _ change: ResourceChange, _ caller: Caller, _ now: Now
    ) throws(Refusal) -> Decision {
        let reservation = try live(id, caller)
        guard capacity != nil else { throw .unknown(id) }
        guard reservation.preemption == nil else { throw .preempted(id) }
        guard change.disks.isEmpty else {
            throw .invalid([
                Violation(
                    code: "invalid_change", pointer: JSONPointer(["resources", "storage"]).description,
                    message: "a disk that is held is changed by its name, not by what it must be",
                    hint: "name the \"device\"")
            ])
        }
        let resources: Resources
        do throws(JSONFieldError) {
            resources = try change.resolved(over: reservation.grant.resources)
        } catch {
            throw .invalid([
                Violation(
                    code: "invalid_change", pointer: error.pointer.description, message: error.message,
                    hint: error.expected)
            ])
        }
        let over: (Grant) -> Excess? = { excess(of: reservation, becoming: $0, now) }
        let changed = Set(change.parts.map(\.type))
        var choice = try choose(
            resources, changing: changed, insteadOf: reservation, caller, beside: holdings,
            in: rooms(without: reservation, for: reservation.pool), excess: over)
        let end = reservation.lease == nil ? nil : reservation.deadline.map(now.wall(of:))
        if !isClear(until: end, now), reservation.grant.meet(choice.grant) != choice.grant {
            let room = rooms(without: reservation, for: reservation.pool)
            let own = choice.grant.holds.filter { room?.isOwn(Int128($0.amount.units), of: $0.type) ?? false }
            let (most, steps, closed) = heldOn(beside: reservation, own: Set(own.map(\.type)), now)
            // Nor does what grows take what somebody is short of who can be given no moment.
            let isOpen = choice.grant.holds.allSatisfy { hold in
                !closed.contains(hold.type) || hold.amount <= reservation.grant[hold.type]?.amount ?? .zero
            }
            let isTaken = closed.contains(.storage) && isAwaited(growthOf: reservation.grant, to: choice.grant)
            guard isOpen, !isTaken else { throw delay(of: reservation, becoming: choice.grant, caller, now) }
            let kept: Choice
            do throws(Refusal) {
                kept = try choose(
                    resources, changing: changed, insteadOf: reservation, caller, beside: most,
                    in: rooms(without: reservation, for: reservation.pool, during: steps), excess: over)
            } catch {
                throw delay(of: reservation, becoming: choice.grant, caller, now)
            }
            // What would do with less grows as far as it delays nobody; as much may be there on other units. What is the most
            // that others hold is known only beside this one.
            var others = holdings
            others.remove(reservation.grant)
            let isEnough = Amounts(kept.grant) == Amounts(choice.grant) || kept.short != nil
            guard kept.grant == choice.grant || isEnough && hasRoom(for: kept.grant, beside: others, isHeld: true)
            else {
                throw delay(of: reservation, becoming: choice.grant, caller, now)
            }
            choice = kept
        }
        let grant = choice.grant
        var decision = Decision(answer: .done(id))
        decision.short = choice.short
        guard grant != reservation.grant else { return decision }
        decision.changes = [.resized(id, grant)] + dropped(by: reservation, keeping: grant)
        decision.effects = [.resize(id, from: reservation.grant, to: grant)]
        return decision
    }

    /// Whether somebody waits for a disk by its name of which more would be held.
    private func isAwaited(growthOf former: Grant, to grant: Grant) -> Bool {
        let growing = grant.storage.filter { ask in
            let rates = former.storage.first { $0.device == ask.device }?.rates ?? StorageRates()
            return StorageRates.all.contains { ask.rates[keyPath: $0.path] ?? .zero > rates[keyPath: $0.path] ?? .zero }
        }
        let disks = Set(growing.map(\.device))
        guard !disks.isEmpty else { return false }
        return waiters.all.contains { waiter in
            waiter.waiting?.request.choices.contains { choice in
                choice.storage.contains { disks.contains(capacity?.disk(named: $0.device)?.name ?? $0.device) }
            } ?? false
        }
    }

    private func renew(
        _ id: ReservationID, _ lease: Duration, _ caller: Caller, _ now: Now
    ) throws(Refusal) -> Decision {
        let reservation = try live(id, caller)
        guard reservation.preemption == nil else { throw .preempted(id) }
        try check(lease, caller)
        try checkHours(of: reservation, lease, now)
        let deadline = now.uptime + lease.milliseconds
        try checkBookings(reservation, until: deadline, caller, now)
        let renewed = Event.Change.renewed(id, lease: lease, expiresAt: now.wall + lease, deadline: deadline)
        try checkWaiters(reservation, until: deadline, renewed, now)
        return Decision(changes: [renewed], answer: .done(id))
    }

    private func release(_ id: ReservationID, _ caller: Caller) throws(Refusal) -> Decision {
        guard let reservation = self[id] else { throw .unknown(id) }
        guard reservation.user == caller.user || caller.isAdmin else { throw .notYours(id) }
        if reservation.state == .pending {
            return Decision(changes: withdrawal(id, .released, .released), answer: .done(id))
        }
        guard reservation.isLive else { return Decision(answer: .done(id)) }
        return ending(id, .released, .released, answer: .done(id))
    }

    private func check(_ lease: Duration?, _ caller: Caller) throws(Refusal) {
        if let cap = caller.caps.lease, let lease, lease > cap { throw .overCap(.lease(cap)) }
    }
}
