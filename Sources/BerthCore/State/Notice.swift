internal import BerthModel

/// What the core makes of things that happened outside it: time, processes, the kernel, a reboot.
extension State {
    /// Ends what is over: leases, and reservations that no process came to in time.
    func tick(_ now: Now) -> Decision {
        var decision = Decision(answer: .nothing)
        for id in missed(now) { decision.changes += withdrawal(id, .failed, .wait) }
        for id in deadlines.due(at: now.uptime) {
            if let waiter = waiters[id] {
                let lacksOthers = waiters.membersSoFar(of: waiter) != nil
                decision.changes += withdrawal(id, .failed, lacksOthers ? .gang : .wait)
            }
            guard let reservation = reservations[id], reservation.isLive else { continue }
            let ending =
                switch (reservation.preemption, reservation.lease) {
                case (.some, _): endingPreempted(reservation, now)
                case (nil, nil): ending(id, .released, .neverAttached, answer: .nothing)
                case (nil, .some): ending(id, .expired, .lease, answer: .nothing)
                }
            decision.changes += ending.changes
            decision.effects += ending.effects
        }
        for id in warnings.due(at: now.uptime) {
            // What ends now is told so by its end.
            guard let reservation = reservations[id], let warning = reservation.warning,
                reservation.deadline.map({ $0 > now.uptime }) ?? true
            else { continue }
            decision.changes.append(.warned(id, warning.signal))
            decision.effects.append(.signal(id, warning.signal))
        }
        return decision
    }

    func noteAttached(_ id: ReservationID, _ process: ProcessIdentity) -> Decision {
        guard let reservation = reservations[id], reservation.isLive else {
            return Decision(answer: .refused(.ended(id)))
        }
        guard !reservation.attached.contains(process) else { return Decision(answer: .done(id)) }
        return Decision(changes: [.attached(id, process)], answer: .done(id))
    }

    func noteExited(_ id: ReservationID, _ process: ProcessIdentity) -> Decision {
        guard let reservation = reservations[id], reservation.attached.contains(process) else {
            return Decision(answer: .nothing)
        }
        return Decision(changes: [.exited(id, process)], answer: .nothing)
    }

    /// What ends with its processes ends now, unless one of them is known to live elsewhere.
    func noteEmptied(_ id: ReservationID, _ outOfMemory: Bool, _ now: Now) -> Decision {
        guard let reservation = reservations[id], reservation.isLive, reservation.end == .empty,
            reservation.wasAttached, reservation.attached.isEmpty
        else { return Decision(answer: .nothing) }
        // Its programs heeded their notice.
        if reservation.preemption != nil, !outOfMemory { return endingPreempted(reservation, now) }
        return outOfMemory
            ? ending(id, .failed, .outOfMemory, answer: .nothing)
            : ending(id, .released, .lastProcess, answer: .nothing)
    }

    func noteProvided(_ id: ReservationID, _ provisions: [ResourceType: Provision]) -> Decision {
        guard let reservation = reservations[id], reservation.provisions != provisions else {
            return Decision(answer: .done(id))
        }
        var changes: [Event.Change] = [.provided(id, provisions)]
        let receipts = reservation.receipts.telling(of: provisions)
        if reservation.receipts != receipts { changes.append(.enforced(id, receipts)) }
        return Decision(changes: changes, answer: .done(id))
    }

    /// A grant that a plugin could not prepare is none.
    func noteUnprovided(_ id: ReservationID, _ refusal: Refusal) throws(Refusal) -> Decision {
        guard let reservation = reservations[id] else { throw .unknown(id) }
        guard reservation.isLive else { return Decision(answer: .refused(refusal)) }
        return ending(id, .failed, .provider, answer: .refused(refusal)) + endGang(of: reservation)
    }

    /// A grant that the kernel could not be brought to hold is none.
    func noteUnenforced(_ id: ReservationID, _ receipts: [Receipt], _ reason: String) throws(Refusal) -> Decision {
        guard let reservation = reservations[id] else { throw .unknown(id) }
        let refusal = Answer.refused(.enforcement(reason, receipts))
        guard reservation.isLive else { return Decision(answer: refusal) }
        var decision = ending(id, .failed, .enforcement, answer: refusal)
        decision.changes.insert(.enforced(id, receipts), at: 0)
        return decision + endGang(of: reservation)
    }

    /// What the kernel holds after a resize is what is held. Where that is more than was decided, and another's by now, it
    /// is not: then what was decided stays.
    func noteResized(_ id: ReservationID, _ grant: Grant, _ receipts: [Receipt]) throws(Refusal) -> Decision {
        guard let reservation = reservations[id] else { throw .unknown(id) }
        let receipts = receipts.telling(of: reservation.provisions)
        var changes: [Event.Change] = []
        if reservation.grant != grant, canHoldAgain(grant, reservation) {
            changes += [.resized(id, grant)] + dropped(by: reservation, keeping: grant)
        }
        if reservation.receipts != receipts { changes.append(.enforced(id, receipts)) }
        return Decision(changes: changes, answer: .done(id))
    }

    /// What the kernel holds goes on, whatever became of the ledger.
    func adopt(_ reservation: Reservation) -> Decision {
        guard reservations[reservation.id] == nil, reservation.isLive else { return Decision(answer: .nothing) }
        return Decision(changes: [.granted(reservation)], answer: .done(reservation.id))
    }

    /// Rounded up to a sixty-fourth of the host's memory, so that it seldom changes what is stored.
    func noteUnmanaged(_ memory: Quantity) -> Decision {
        let step = max(1, (capacity?.memory.units ?? 0) / 64)
        let rounded = Quantity((max(memory.units, 0) + step - 1) / step * step)
        guard rounded != unmanagedMemory else { return Decision(answer: .nothing) }
        return Decision(changes: [.unmanagedChanged(rounded)], answer: .nothing)
    }

    /// A grant whose caller is gone serves nobody.
    func noteAttachFailed(_ id: ReservationID) -> Decision {
        if waiters[id] != nil {
            return Decision(changes: withdrawal(id, .released, .neverAttached), answer: .done(id))
        }
        guard let reservation = reservations[id], reservation.isLive, !reservation.wasAttached else {
            return Decision(answer: .nothing)
        }
        return ending(id, .released, .neverAttached, answer: .nothing) + endGang(of: reservation)
    }

    /// Receipts are kept as they are read. A reservation that insists on enforcement ends where it is granted without, and
    /// later where nothing holds it any more. A doubt that comes later (somebody mounts a file system, a process brings
    /// memory along) is told of, and kills nothing that runs.
    func noteEnforced(_ id: ReservationID, _ receipts: [Receipt]) throws(Refusal) -> Decision {
        guard let reservation = reservations[id] else { throw .unknown(id) }
        let receipts = receipts.telling(of: reservation.provisions)
        let changes: [Event.Change] = reservation.receipts == receipts ? [] : [.enforced(id, receipts)]
        let isGranted = !reservation.receipts.isEmpty
        let isGone = receipts.contains { receipt in
            guard isGranted else { return receipt.status != .enforced }
            // What plugins say of devices comes and goes with them: that kills nothing.
            return receipt.status == .unsupported && receipt.type != .gpu && !receipt.type.isProvided
        }
        guard reservation.isLive, reservation.enforce == .required, isGone
        else { return Decision(changes: changes, answer: .done(id)) }
        var decision = ending(id, .failed, .enforcement, answer: .refused(.unenforceable(receipts)))
        decision.changes = changes + decision.changes
        return isGranted ? decision : decision + endGang(of: reservation)
    }

    /// In another boot no process lives on: reservations that end with their processes fail, leased ones go on with
    /// what is left of their lease by the wall clock, for CLOCK_BOOTTIME began anew.
    func noteBoot(_ boot: String, _ now: Now) -> Decision {
        guard boot != self.boot else { return Decision(answer: .nothing) }
        var decision = Decision(changes: [.booted(boot: boot)], answer: .nothing)
        guard self.boot != nil else { return decision }
        for reservation in reservations.values.sorted(by: { $0.id < $1.id }) where reservation.isLive {
            decision.changes += reservation.attached.map { .exited(reservation.id, $0) }
            if let lease = reservation.lease, let expiresAt = reservation.expiresAt, reservation.end == .released {
                let left = expiresAt.milliseconds - now.wall.milliseconds
                decision.changes.append(
                    .renewed(reservation.id, lease: lease, expiresAt: expiresAt, deadline: now.uptime + left))
            } else {
                let ending = ending(reservation.id, .failed, .rebooted, answer: .nothing)
                decision.changes += ending.changes
                decision.effects += ending.effects
            }
        }
        for waiter in waiters.all.sorted(by: { $0.id < $1.id }) where !waiter.goesOnByItself {
            decision.changes += goingOn(waiter, now)
        }
        return decision
    }

    /// What waits for a process that is gone is over; else what is left of its time to wait is measured anew.
    private func goingOn(_ waiter: Reservation, _ now: Now) -> [Event.Change] {
        guard waiter.waiting?.request.attachesCaller == false, let until = waiter.expiresAt else {
            return withdrawal(waiter.id, .failed, .rebooted)
        }
        var waiter = waiter
        waiter.deadline = now.uptime + until.milliseconds - now.wall.milliseconds
        return [.queued(waiter)]
    }
}

extension Reservation {
    /// Whether another boot changes nothing for one that waits: its start and its end are times of the wall clock, and no
    /// process is to be attached that is gone.
    fileprivate var goesOnByItself: Bool { waiting?.booking != nil && waiting?.request.attachesCaller == false }
}
