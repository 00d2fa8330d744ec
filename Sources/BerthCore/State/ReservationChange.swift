internal import BerthModel

extension Reservation {
    /// Makes a change that happened at `time` true of this reservation, which it is about.
    mutating func take(_ change: Event.Change, at time: Timestamp) {
        switch change {
        case .amended(_, let amendments):
            // What one validator puts into the same place again takes the place of what it put there before.
            self.amendments.removeAll { former in
                amendments.contains { $0.validator == former.validator && $0.pointer == former.pointer }
            }
            self.amendments += amendments
        case .resized(_, let grant):
            self.grant = grant
            if isLive { state = Reservation.State(holding: grant) }
        case .renewed(_, let lease, let expiresAt, let deadline):
            self.lease = lease
            self.expiresAt = expiresAt
            self.deadline = deadline
            isWarned = false
        case .preempted(_, let preemption, let deadline):
            self.preemption = preemption
            expiresAt = preemption.at
            self.deadline = deadline
        case .warned: isWarned = true
        case .attached(_, let process):
            attached.append(process)
            // The time to attach is over; a lease goes on.
            if lease == nil, preemption == nil { deadline = nil }
            wasAttached = true
        case .exited(_, let process):
            attached.removeAll { $0 == process }
            left.removeAll { $0 == process }
        case .left(_, let process): left.append(process)
        case .returned(_, let process): left.removeAll { $0 == process }
        case .enforced(_, let receipts): self.receipts = receipts
        case .provided(_, let provisions): self.provisions = provisions
        case .arrived(_, let arrival): arrive(arrival)
        case .lent(_, let borrowed): self.borrowed = borrowed
        case .barrierOpened: arrival?.isOpen = true
        case .ended(_, let state, let reason):
            self.state = state
            self.reason = reason
            endedAt = time
            deadline = nil
        // Of the rest it is the state that changes.
        case .capacityChanged, .unitsChanged, .booted, .queued, .granted, .freed, .unmanagedChanged, .poolsChanged,
            .moved,
            .maintenanceAdded, .maintenanceRemoved, .accountingChanged:
            break
        }
    }
}
