package import BerthCore
internal import BerthJSON
package import BerthModel

/// What a request would be answered, and why.
extension Agent {
    /// The agent's clocks: what answers about the future count from.
    package func now() -> Now { ports.clock.now() }

    /// What would be answered to a request now, everything that stands in its way, and what would make it fit; nothing is
    /// held by it. Plugins are asked about it too where it does not fit; about the changes they are not.
    package func explain(_ asked: ReservationRequest, by peer: Peer) async throws(AgentError) -> Explanation {
        try need(.submit, peer)
        try needServing()
        try needPool(asked.pool, peer)
        await measure()
        var request = asked
        var objections: [Violation] = []
        var provider: Refusal?
        do throws(AgentError) {
            let (amended, question) = try await amended(asked, .explain, by: peer)
            request = amended
            do throws(AgentError) {
                objections = try await parameterViolations(of: request)
            } catch .refused(let refusal) {
                provider = refusal
            }
            if let question { objections += try await self.objections(to: request, question, by: peer) }
        } catch .refused(.rejected(let violations)) {
            objections = violations
        }
        try needServing()
        let (id, caller, now) = (ports.ids.next(), self.caller(peer), ports.clock.now())
        let decision = decide(.reserve(id, request, caller, nil), now)
        var explanation = state.explain(id, request, caller, decided: decision, objections: objections, now)
        if let provider { explanation.refuse(provider) }
        return explanation
    }

    /// What validators have against a request, also where it does not fit.
    private func objections(
        to request: ReservationRequest, _ question: Question, by peer: Peer
    ) async throws(AgentError) -> [Violation] {
        let (caller, id) = (self.caller(peer), ports.ids.next())
        return try await look(question, alsoRefused: request.resources.json) { now in
            self.state.decide(.reserve(id, request, caller, nil), now)
        }
    }
}
