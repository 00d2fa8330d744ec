internal import BerthModel

/// Tries changed requests, so many and no more: many ask why not, and one actor answers them all.
///
/// Where others wait, those before the request are planned once, and each trial goes on from there. Whether there is room is
/// tried by the cheapest strategy, as the queue does.
struct Trial {
    /// So many requests are tried for one explanation.
    static let most = 160
    /// What one counts for that has to look at all who wait, for its turn does not come as it was asked.
    private static let costOfLook = 8

    private let state: State
    private let id: ReservationID
    private let caller: Caller
    private let now: Now
    /// The queue when the request's turn comes.
    private let queue: (plan: Plan, turns: PoolTurns)?
    /// Its plan for whoever asks for such a lease.
    private var planned: (lease: Duration?, plan: Plan)?
    /// The state if nobody waited.
    private let alone: State
    private var left = Trial.most
    /// Whether something was not tried for that.
    private(set) var isCut = false

    init(_ state: State, _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ now: Now) {
        self.state = state
        self.id = id
        self.caller = caller
        self.now = now
        let candidate = state.waiter(id, request, caller, nil, now, .zero)
        queue = state.waiters.isEmpty ? nil : state.plan(before: candidate, now)
        var alone = state
        alone.waiters = Waiters()
        self.alone = alone
    }

    /// What a request would be granted now, on whatever units; nil for nothing.
    mutating func grant(_ request: ReservationRequest) -> Grant? {
        guard left > 0 else {
            isCut = true
            return nil
        }
        let isLook = request.gang != nil || queue == nil && !state.waiters.isEmpty && state.policies.hasQuotas
        left -= isLook ? Trial.costOfLook : 1
        var quick = request
        quick.strategy = .greedy
        if request.gang != nil { return state.granted(id, quick, caller, now)?.grant }
        quick.wait = nil
        if state.waiters.isEmpty { return state.decide(.reserve(id, quick, caller, nil), now).granted?.grant }
        guard case .now(let choice) = turnNow(quick) else { return nil }
        return choice.grant
    }

    /// Whether it is a request's turn now: when it comes otherwise is not looked for.
    private mutating func turnNow(_ request: ReservationRequest) -> Plan.Turn {
        guard let queue else { return turn(of: request) }
        if planned == nil || planned?.lease != request.lease {
            planned = (request.lease, queue.plan.ofNow(for: request.lease))
        }
        guard var plan = planned?.plan else { return .unknown(likely: nil) }
        var turns = queue.turns
        return plan.turn(of: state.waiter(id, request, caller, nil, now, .zero), in: &turns)
    }

    /// Who would have to go for a request, and when the notice of each is over; nothing where nobody goes for it.
    mutating func notices(for request: ReservationRequest) -> [(id: ReservationID, deadline: Int64)] {
        guard left > 0 else {
            isCut = true
            return []
        }
        left -= Trial.costOfLook
        return state.decide(.reserve(id, request, caller, nil), now).changes.compactMap {
            if case .preempted(let id, _, let deadline) = $0 { (id, deadline) } else { nil }
        }
    }

    /// When a request would be granted if it waited.
    func turn(of request: ReservationRequest) -> Plan.Turn {
        let candidate = state.waiter(id, request, caller, nil, now, .zero)
        guard var (plan, turns) = queue else {
            // Whoever is behind so many is not looked at, whatever it asks for; within a quota it may be.
            guard state.waiters.isEmpty || state.policies.hasQuotas else { return .unknown(likely: nil) }
            return state.turn(of: candidate, now).0
        }
        return plan.turn(of: candidate, in: &turns)
    }

    /// Whether a request would be granted now, by its own strategy and within all that its caller may have. Those before it
    /// are the same as before the one that was asked.
    func isGranted(_ request: ReservationRequest) -> Bool {
        if request.gang != nil { return state.granted(id, request, caller, now) != nil }
        guard queue != nil else { return isGranted(request, at: now) }
        // Of several choices one may have a moment later, which the plan of now alone does not show.
        guard case .now = turn(of: request) else { return false }
        return alone.decide(.reserve(id, request, caller, nil), now).granted != nil
    }

    /// Whether it would be granted at a moment, if nothing happens until then.
    func isGranted(_ request: ReservationRequest, at now: Now) -> Bool {
        var request = request
        request.wait = nil
        return state.decide(.reserve(id, request, caller, nil), now).granted != nil
    }
}
