internal import BerthModel

/// Looks for the smallest changes with which a request that is refused would be granted. It has no rules of its own: it
/// asks the same code again that has refused.
struct Explaining {
    let state: State
    let id: ReservationID
    let request: ReservationRequest
    let caller: Caller
    /// Why the request is refused.
    let refusals: [Refusal]
    let now: Now
    var trial: Trial
    var found: [Change] = []

    /// So many changes are told.
    static let mostTold = 16

    init(
        _ state: State, _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ refusals: [Refusal],
        _ now: Now
    ) {
        self.state = state
        self.id = id
        self.request = request
        self.caller = caller
        self.refusals = refusals
        self.now = now
        trial = Trial(state, id, request, caller, now)
    }

    /// The smallest first. Each was decided as it would be if it were asked.
    mutating func changes() -> [Change] {
        // Who may have nothing more, or lacks others of its gang, is helped by no change of what is asked.
        guard let capacity = state.capacity, request.gang == nil || state.isWhole(request, of: caller),
            !refusals.contains(where: \.isAboutCount)
        else { return [] }
        // What has a start is promised or refused as it is.
        guard request.start == nil else { return startingLater() }
        lowerCapped()
        let choices = request.choices
        for index in choices.indices {
            lessen(choices[index], index)
            loosen(choices[index], index, capacity)
        }
        separate()
        // All of a gang wait, have leases of their own, and nobody goes for them.
        if request.gang == nil {
            shorten()
            postpone()
            displace()
        }
        let asked = request
        let ordered = found.map { (cost: $0.cost(against: asked), change: $0) }
            .sorted { $0.cost.lexicographicallyPrecedes($1.cost) }.map(\.change)
        var told: [Change] = []
        for change in ordered where told.count < Explaining.mostTold && !told.contains(change) {
            switch change.what {
            // What comes later, or when others have gone, was decided for that moment.
            case .later, .preempt: told.append(change)
            // Another priority has others before it.
            case .priority: if trial.isGranted(change.request, at: now) { told.append(change) }
            default: if trial.isGranted(change.request) { told.append(change) }
            }
        }
        return told
    }

    /// The request with one of its choices changed.
    func replacing(_ index: Int, with resources: Resources) -> ReservationRequest {
        var changed = request
        if index == 0 { changed.resources = resources } else { changed.alternatives[index - 1] = resources }
        return changed
    }

    /// The request with one of its choices alone: the others do not fit.
    func only(_ resources: Resources) -> ReservationRequest {
        var only = request
        only.resources = resources
        only.alternatives = []
        return only
    }

    /// What is over a cap of the caller, lowered to it.
    private mutating func lowerCapped() {
        for case .overCap(.priority(let cap)) in refusals {
            var changed = request
            changed.priority = cap
            found.append(Change(.priority(cap), changed))
        }
    }
}

extension Refusal {
    /// Whether it is that there are too many of the caller's.
    fileprivate var isAboutCount: Bool {
        switch self {
        case .overCap(.reservations), .overCap(.waits): true
        default: false
        }
    }
}
