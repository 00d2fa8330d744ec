internal import BerthModel

/// What is granted at a start to come, and the first start that there is.
extension Plan {
    /// What a request is granted at a moment, beside all that is held by then and while it holds.
    func choice(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, from start: Int64,
        _ excess: @escaping (Grant) -> Excess? = { _ in nil }
    ) throws(Refusal) -> Choice {
        let end = request.lease.map { start + $0.milliseconds }
        // What somebody waits for of whom nobody knows when it can be granted.
        let closed = Set(closed(to: request).filter { closing in end.map { closing.value < $0 } ?? true }.keys)
        guard request.choices.contains(where: { closed.isDisjoint(with: $0.types) }) else {
            throw .wouldDelay(state.waiters.unpromised)
        }
        let (held, steps) = timeline.most(from: start, until: end)
        return try state.choose(
            request, caller, having: own, beside: held, in: rooms(for: request.pool, at: steps), without: closed,
            near: try neighbours(request, caller, at: start), excess: excess)
    }

    /// The same with nothing under maintenance.
    func withoutMaintenance() -> Plan {
        var plan = self
        plan.timeline.withholdNothing()
        return plan
    }

    /// The first moment from `start` on at which a request would be granted; nil where nobody knows.
    func firstStart(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, from start: Int64
    ) -> Int64? {
        var later = self
        later.know(request)
        later.timeline.cut(at: start)
        let closed = Set(closed(to: request).keys)
        var quick = request
        quick.strategy = .greedy
        return later.timeline.earliest(
            for: request.lease?.milliseconds, notBefore: start,
            within: request.choices.map { later.room(for: $0.least) }, of: typesAwaited(by: [request]),
            mayFit: mayFit(request.choices.map(\.least), in: request.pool)
        ) { held, steps -> Choice? in
            do throws(Refusal) {
                return try state.choose(
                    quick, caller, having: own, beside: held, in: rooms(for: request.pool, at: steps), without: closed,
                    near: try neighbours(quick, caller, at: steps.first?.at ?? now))
            } catch {
                return nil
            }
        }?.at
    }
}
