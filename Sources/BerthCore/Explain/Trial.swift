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
    }

    /// What a request would be granted now, on whatever units; nil for nothing.
    mutating func grant(_ request: ReservationRequest) -> Grant? {
        guard left > 0 else {
            isCut = true
            return nil
        }
        left -= queue == nil && !state.waiters.isEmpty ? Trial.costOfLook : 1
        var quick = request
        quick.strategy = .greedy
        quick.wait = nil
        if state.waiters.isEmpty { return state.decide(.reserve(id, quick, caller, nil), now).granted?.grant }
        guard case .now(let choice) = turn(of: quick) else { return nil }
        return choice.grant
    }

    /// When a request would be granted if it waited.
    func turn(of request: ReservationRequest) -> Plan.Turn {
        let candidate = state.waiter(id, request, caller, nil, now, .zero)
        guard var (plan, turns) = queue else { return state.turn(of: candidate, now).0 }
        return plan.turn(of: candidate, in: &turns)
    }

    /// Whether a request would be granted now, decided as it would be.
    func isGranted(_ request: ReservationRequest) -> Bool { isGranted(request, at: now) }

    /// The same at another moment, if nothing happens until then.
    func isGranted(_ request: ReservationRequest, at now: Now) -> Bool {
        var request = request
        request.wait = nil
        return state.decide(.reserve(id, request, caller, nil), now).granted != nil
    }
}
