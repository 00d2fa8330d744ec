package import BerthModel

/// What a request would be answered, and why.
package struct Explanation: Hashable, Sendable {
    /// The request as it was decided.
    package var request: ReservationRequest
    /// What would come of it now.
    package var decision: Decision
    /// The NUMA nodes that what would be granted touches.
    package var nodes = CPUSet()
    /// Why it would be granted these units; nil where nothing but their numbers speaks for them.
    package var reason: UnitReason?
    /// Everything that stands in its way, Berth's own rules first; empty where it would be granted.
    package var refusals: [Refusal] = []
    /// What would make it fit, the smallest first. Each was decided before it is told, by Berth's own rules alone.
    package var changes: [Change] = []
    /// Whether everything was tried that Berth knows to try; false where there were too many.
    package var isComplete = true

    /// What the asker would be told.
    package var answer: Answer { decision.answer }

    init(_ request: ReservationRequest, _ decision: Decision) {
        self.request = request
        self.decision = decision
    }

    /// Takes in what stands in its way besides: where Berth itself would grant it, or have it wait, that is the answer.
    package mutating func refuse(_ refusal: Refusal) {
        refusals.append(refusal)
        if case .refused = answer { return }
        decision = Decision(answer: .refused(refusal))
    }
}

extension State {
    /// What a request would be answered now, and where it would not be granted, what would make it fit. Only reads.
    /// - Parameters:
    ///   - id: an id that nobody has
    ///   - decision: what would come of it, where that was decided already
    ///   - objections: what plugins have against it
    package func explain(
        _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, decided decision: Decision? = nil,
        objections: [Violation] = [], _ now: Now
    ) -> Explanation {
        let decision = decision ?? decide(.reserve(id, request, caller, nil), now)
        var explanation = Explanation(request, togetherWithGang(id, decision, now) ?? decision)
        if let granted = explanation.decision.granted, let capacity {
            explanation.nodes = capacity.nodes(of: granted.grant)
            explanation.reason = reason(for: granted, id, request, caller, now)
        } else if let grant = explanation.decision.promised?.waiting?.booking?.grant, let capacity {
            explanation.nodes = capacity.nodes(of: grant)
        } else {
            let first: Refusal? = if case .refused(let refusal) = explanation.answer { refusal } else { nil }
            explanation.refusals = refusals(id, request, caller, first: first, now)
            var explaining = Explaining(self, id, request, caller, explanation.refusals, now)
            explanation.changes = explaining.changes()
            explanation.isComplete = !explaining.trial.isCut
        }
        if !objections.isEmpty { explanation.refuse(.rejected(objections)) }
        return explanation
    }
}

extension State {
    /// Whether a request makes its gang whole: the others wait for it.
    func isWhole(_ request: ReservationRequest, of caller: Caller) -> Bool {
        guard let gang = request.gang else { return false }
        return waiters.members(of: GangKey(user: caller.user, name: gang.id)).count + 1 >= gang.size
    }

    /// What one of a gang would be granted together with the others; nil for nothing.
    func granted(
        _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ now: Now
    ) -> Reservation? {
        var request = request
        request.wait = request.wait ?? .seconds(60)
        return togetherWithGang(id, decide(.reserve(id, request, caller, nil), now), now)?.granted
    }

    /// What one is granted that makes its gang whole, where all of it is granted at once; nil where it is not.
    private func togetherWithGang(_ id: ReservationID, _ decision: Decision, _ now: Now) -> Decision? {
        for case .queued(let member) in decision.changes where member.id == id {
            guard let gang = member.gang, let key = member.gangKey, waiters.members(of: key).count + 1 >= gang.size
            else { return nil }
            var joined = self
            joined.apply(.queued(member), at: now.wall)
            for case .granted(let granted) in joined.decide(.admit(depth: State.admitDepth), now).changes
            where granted.id == id {
                return Decision(changes: [.granted(granted)], answer: .done(id))
            }
        }
        return nil
    }
}

extension Decision {
    /// What would be granted; nil where nothing would.
    package var granted: Reservation? {
        for case .granted(let reservation) in changes { return reservation }
        return nil
    }

    /// What would be promised a start; nil where nothing would.
    package var promised: Reservation? {
        for case .queued(let reservation) in changes where reservation.waiting?.booking != nil { return reservation }
        return nil
    }
}
