package import BerthModel

extension State {
    /// Makes a change that happened at `time` true. Changes about reservations that are not held are passed over, so that any
    /// part of a log can be read.
    package mutating func apply(_ change: Event.Change, at time: Timestamp) {
        switch change {
        case .capacityChanged(let capacity):
            self.capacity = capacity
            accounts.setTotals(capacity.totals, at: time.milliseconds)
        case .unitsChanged(let type, let changed, let gone, let isProvided):
            changeUnits(type, changed, gone, isProvided)
            if let capacity { accounts.setTotals(capacity.totals, at: time.milliseconds) }
        case .booted(let boot): self.boot = boot
        case .queued(let reservation):
            wait(reservation, at: time)
            if let former = reservation.requeueOf { update(former, at: time) { $0.requeuedAs = reservation.id } }
        case .granted(let reservation): take(reservation, at: time)
        case .amended(let id, _), .resized(let id, _), .renewed(let id, _, _, _), .warned(let id, _),
            .attached(let id, _),
            .exited(let id, _), .left(let id, _), .returned(let id, _), .enforced(let id, _), .provided(let id, _),
            .arrived(let id, _), .lent(let id, _), .barrierOpened(let id):
            update(id, at: time) { $0.take(change, at: time) }
        case .preempted(let id, let preemption, _):
            update(id, at: time) { $0.take(change, at: time) }
            update(preemption.by, at: time) {
                let since = $0.waiting?.nominatedAt ?? time
                $0.waiting?.nominatedAt = since
            }
        case .ended(let id, _, _):
            update(id, at: time) { $0.take(change, at: time) }
            if let ended = reservations[id] { learn(from: ended, endedAt: time) }
        case .freed(let id, _): drop(id, at: time)
        case .unmanagedChanged(let memory): unmanagedMemory = memory
        case .poolsChanged(let pools):
            setPools(pools)
            countAnew(at: time)
        case .moved(let id, let pool): move(id, to: pool, at: time)
        case .maintenanceAdded(let window):
            added = added.filter { !$0.value.isOver(time) }
            added[window.id] = window
        case .maintenanceRemoved(let id): added[id] = nil
        case .accountingChanged(let accounting):
            accounts.setAccounting(accounting, at: time.milliseconds)
            countAnew(at: time)
        }
    }

    private mutating func changeUnits(
        _ type: ResourceType, _ changed: [Capacity.Unit], _ gone: [String], _ isProvided: Bool
    ) {
        var units = capacity?.provided[type] ?? []
        let gone = Set(gone)
        if !gone.isEmpty { units.removeAll { gone.contains($0.name) } }
        let places = Dictionary(units.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for unit in changed {
            if let place = places[unit.name] { units[place] = unit } else { units.append(unit) }
        }
        capacity?.provided[type] = units.isEmpty && !isProvided ? nil : units
    }

    private mutating func wait(_ reservation: Reservation, at time: Timestamp) {
        let former = waiters[reservation.id]
        if let former, former.gangKey != reservation.gangKey { forgetGang(of: former) }
        countPromise(of: former, sign: -1, at: time.milliseconds)
        countPromise(of: reservation, sign: 1, at: time.milliseconds)
        waiters.set(reservation)
        preemptions.add(waiter: reservation)
        noteGang(of: reservation)
        keepRetry(of: reservation)
        deadlines.set(reservation.id, reservation.deadline)
    }

    private mutating func keepRetry(of reservation: Reservation) {
        guard let retry = reservation.retry else { return }
        retries[UserKey(user: reservation.user, key: retry.key)] = reservation.id
    }

    private mutating func take(_ reservation: Reservation, at time: Timestamp) {
        if let waiter = waiters.remove(reservation.id, grantedAt: time.milliseconds) {
            preemptions.remove(waiter: waiter)
            countPromise(of: waiter, sign: -1, at: time.milliseconds)
        }
        guard reservations.updateValue(reservation, forKey: reservation.id) == nil else { return }
        holdings.add(reservation.grant)
        if hasPools { poolHoldings.add(reservation.grant, to: reservation.pool, of: pools) }
        learned.note(reservation.grant)
        count(reservation, sign: 1, at: time)
        keepRetry(of: reservation)
        note(reservation.id, isEnding: !reservation.isLive)
        keepTime(of: reservation)
        preemptions.add(reservation)
        labelled.add(reservation)
        noteGang(of: reservation)
        noteBarrier(of: reservation, before: nil)
    }

    private mutating func drop(_ id: ReservationID, at time: Timestamp) {
        let waited = waiters.remove(id)
        guard let reservation = waited ?? reservations.removeValue(forKey: id) else { return }
        if waited == nil {
            holdings.remove(reservation.grant)
            if hasPools { poolHoldings.add(reservation.grant, sign: -1, to: reservation.pool, of: pools) }
            count(reservation, sign: -1, at: time)
            note(id, isEnding: false)
        }
        countPromise(of: waited, sign: -1, at: time.milliseconds)
        if let retry = reservation.retry { retries[UserKey(user: reservation.user, key: retry.key)] = nil }
        deadlines.set(id, nil)
        leases.set(id, nil)
        warnings.set(id, nil)
        usualEnds.set(id, nil)
        if waited == nil { preemptions.remove(reservation) } else { preemptions.remove(waiter: reservation) }
        labelled.remove(reservation)
        dropDrained(reservation.pool)
        forgetGang(of: reservation)
        forgetBarrier(of: reservation)
    }

    /// Notes when one that holds something ends.
    private mutating func keepTime(of reservation: Reservation) {
        deadlines.set(reservation.id, reservation.deadline)
        let isLeased = reservation.isLive && reservation.lease != nil
        leases.set(reservation.id, isLeased ? reservation.deadline : nil)
        warnings.set(reservation.id, reservation.warnsAt)
        usualEnds.set(reservation.id, reservation.isLive ? reservation.usualEnd?.milliseconds : nil)
    }

    mutating func update(_ id: ReservationID, at time: Timestamp, _ body: (inout Reservation) -> Void) {
        if var waiter = waiters[id] {
            countPromise(of: waiter, sign: -1, at: time.milliseconds)
            body(&waiter)
            countPromise(of: waiter, sign: 1, at: time.milliseconds)
            waiters.set(waiter)
            preemptions.add(waiter: waiter)
            deadlines.set(id, waiter.deadline)
            return
        }
        guard var reservation = reservations[id] else { return }
        let before = reservation
        body(&reservation)
        reservations[id] = reservation
        if hasPools, reservation.grant != before.grant || reservation.pool != before.pool {
            poolHoldings.add(before.grant, sign: -1, to: before.pool, of: pools)
            poolHoldings.add(reservation.grant, to: reservation.pool, of: pools)
        }
        let isOther =
            reservation.grant != before.grant || reservation.isLive != before.isLive || reservation.pool != before.pool
        if isOther {
            holdings.remove(before.grant)
            holdings.add(reservation.grant)
            note(id, isEnding: !reservation.isLive)
        }
        if isOther || reservation.heldUntil != before.heldUntil {
            count(before, sign: -1, at: time)
            count(reservation, sign: 1, at: time)
        }
        keepTime(of: reservation)
        if reservation.preemption != before.preemption {
            preemptions.remove(before)
            preemptions.add(reservation)
        }
        noteBarrier(of: reservation, before: before)
    }

    private mutating func count(_ reservation: Reservation, sign: Int, at time: Timestamp) {
        var user = users[reservation.user] ?? UserHoldings()
        user.live += reservation.isLive ? sign : 0
        if sign > 0 { user.holdings.add(reservation.grant) } else { user.holdings.remove(reservation.grant) }
        users[reservation.user] = user == UserHoldings() ? nil : user
        accounts.add(
            Amounts(reservation.grant), live: reservation.isLive ? 1 : 0, sign: sign, until: reservation.heldUntil,
            for: subjects(of: reservation), at: time.milliseconds)
    }
}
