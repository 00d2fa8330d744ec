package import BerthModel

/// What the core makes of those who wait.
extension State {
    /// So many of those who wait are looked at when something became free.
    package static let admitDepth = 64

    /// What of the live and the ending ones ends soonest, as far as that is known.
    func ends(after now: Int64, most: Int) -> [(at: Int64, grant: Grant)] {
        deadlines.soonest(most).compactMap { at, id in
            guard let reservation = reservations[id], reservation.isLive, reservation.lease != nil else { return nil }
            return (at, reservation.grant)
        } + ending(now)
    }

    /// What has ended goes as soon as its processes have had their time.
    private func ending(_ now: Int64) -> [(at: Int64, grant: Grant)] {
        endingIDs.sorted().compactMap { id in reservations[id].map { (now + State.timeToEnd, $0.grant) } }
    }

    /// How long the end of a reservation takes, at a guess: its grace period, in milliseconds.
    private static let timeToEnd: Int64 = 10_000

    /// Grants what can be granted to those who wait.
    func admit(_ depth: Int, _ now: Now) -> Decision {
        var decision = Decision(answer: .nothing)
        guard let capacity, let cores, !waiters.isEmpty else { return decision }
        var plan = Plan(self, capacity, cores, now: now.uptime, horizon: depth)
        for reservation in waiters.inOrder.prefix(depth) {
            let held = users[reservation.user]?.holdings ?? Holdings()
            guard case .now(let grant) = plan.turn(of: reservation, holding: held) else { continue }
            decision.changes.append(.granted(reservation.granted(grant, now)))
            decision.effects.append(.enforce(reservation.id))
        }
        return decision
    }

    /// What becomes of a new request while others wait: it is one of them.
    func turn(of candidate: Reservation, _ capacity: Capacity, _ cores: CoreChoice, _ now: Now) -> Plan.Turn {
        var plan = Plan(self, capacity, cores, now: now.uptime)
        for reservation in waiters.inOrder(with: candidate).prefix(State.admitDepth) {
            let turn = plan.turn(of: reservation, holding: users[reservation.user]?.holdings ?? Holdings())
            if reservation.id == candidate.id { return turn }
        }
        return .unknown
    }

    /// The most that will be held of each thing while those who wait get theirs, without what one reservation holds: what
    /// it may grow into.
    func heldByAll(besides grant: Grant, _ capacity: Capacity, _ cores: CoreChoice, _ now: Now) -> Holdings {
        var plan = Plan(self, capacity, cores, now: now.uptime)
        for reservation in waiters.inOrder.prefix(State.admitDepth) {
            _ = plan.turn(of: reservation, holding: users[reservation.user]?.holdings ?? Holdings())
        }
        var most = plan.timeline.most
        most.remove(grant)
        return most
    }

    /// The changes that end one that waits: it holds nothing, so nothing is to be given back.
    func withdrawal(_ id: ReservationID, _ state: Reservation.State, _ reason: Reservation.EndReason) -> [Event.Change] {
        [.ended(id, state, reason), .freed(id, nil)]
    }

    /// Why one that has waited is not granted even now.
    package func refusal(of request: ReservationRequest, _ now: Now) -> Refusal {
        guard let capacity, let cores else { return .wouldDelay(waiters.count) }
        let placement = Placement(capacity: capacity, cores: cores, held: holdings, unmanaged: unmanagedMemory)
        let shortfalls = placement.shortfalls(request.resources)
        return shortfalls.isEmpty ? .wouldDelay(waiters.count) : .insufficient(shortfalls, ever: true)
    }

    /// Whether a user may hold a grant besides what it holds.
    static func isWithin(_ caps: Caps, _ grant: Grant, besides rest: Holdings) -> Bool {
        do throws(Refusal) { try check(caps, grant, besides: rest) } catch { return false }
        return true
    }

    /// Throws where a user would hold more of a type than it may.
    static func check(_ caps: Caps, _ grant: Grant, besides rest: Holdings) throws(Refusal) {
        guard !caps.quantities.isEmpty else { return }
        var asked = Holdings()
        asked.add(grant)
        for (type, cap) in caps.quantities.sorted(by: { $0.key < $1.key }) {
            guard asked[type] > .zero, rest[type] + asked[type] > cap else { continue }
            throw .overCap(.quantity(type, cap: cap, held: rest[type], asked: asked[type]))
        }
    }
}

extension Reservation {
    /// The same with its turn come: its lease, or the time to attach, begins now.
    func granted(_ grant: Grant, _ now: Now) -> Reservation {
        var reservation = self
        let wait = lease ?? BerthCore.State.attachTimeout
        reservation.state = .confirmed
        reservation.grant = grant
        reservation.grantedAt = now.wall
        reservation.expiresAt = lease.map { now.wall + $0 }
        reservation.deadline = now.uptime + wait.milliseconds
        reservation.waiting = nil
        return reservation
    }
}
