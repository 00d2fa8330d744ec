import BerthCore
import BerthJSON
import BerthModel

/// Looks whether what an explanation tells is so, by asking again.
struct ExplainChecker {
    let state: State
    let caller: Caller
    let now: Now

    private func isGranted(_ request: ReservationRequest) -> Bool { isGranted(request, state, now) }

    private func isGranted(_ request: ReservationRequest, _ state: State, _ now: Now) -> Bool {
        var request = request
        request.wait = nil
        return state.decide(.reserve(id(1 << 40), request, caller, nil), now).granted != nil
    }

    func problems(_ explanation: Explanation) -> [String] {
        let request = explanation.request
        guard !isGranted(request) else {
            return explanation.refusals.isEmpty && explanation.changes.isEmpty ? [] : ["it fits, and is refused"]
        }
        var problems: [String] = []
        if explanation.refusals.isEmpty { problems.append("it does not fit, and nothing is in its way") }
        for change in explanation.changes {
            problems += self.problems(change, request).map { "\($0): \(change.what)" }
            // What cannot be written, such as a thousandth of a CPU, cannot be changed by pointers either.
            guard let same = try? applied([], to: request), same == request else { continue }
            if (try? applied(change.edits(of: request), to: request)) != change.request {
                problems.append("what is to be set is another change than \(change.what)")
            }
        }
        let sizes = explanation.changes.map(size)
        if sizes != sizes.sorted() { problems.append("a change with fewer things stands behind one with more") }
        if explanation.isComplete, explanation.changes.count < 16 {
            problems += missing(explanation)
            var preempting = request
            preempting.strategy = .priority
            let isTold = explanation.changes.contains { if case .preempt = $0.what { true } else { false } }
            if !isTold, !notices(preempting).isEmpty { problems.append("others would go for it, and that is not told") }
        }
        return problems
    }

    private func size(_ change: Change) -> Int {
        switch change.what {
        case .less(let parts): parts.count
        case .node(let types, _, _): types.count
        case .preempt(let known, let others, _): known.count + others
        default: 1
        }
    }

    private func problems(_ change: Change, _ request: ReservationRequest) -> [String] {
        if case .later(let at, _) = change.what { return later(at, request) }
        if case .preempt(let known, let others, let by) = change.what {
            return displaced(change.request, known, others, by)
        }
        guard isGranted(change.request) else { return ["it does not fit with this"] }
        switch change.what {
        case .less(let parts):
            return parts.filter { $0.type != .storage }.compactMap { part in
                var more = change.request
                guard var ask = more.choice(change.choice)[part.type] else { return "nothing is asked of it" }
                ask.amount = Quantity(ask.amount.units + step(ask))
                guard ask.amount <= part.asked, ask.type != .gpu || !(1001...1999 ~= ask.amount.units) else {
                    return nil
                }
                more.replace(change.choice, more.choice(change.choice).merging(Resources([ask])))
                return isGranted(more) ? "more \(part.type) fits" : nil
            }
        case .lease(let lease):
            var more = change.request
            more.lease = lease + .seconds(1)
            if let asked = request.lease, lease + .seconds(1) > asked { return [] }
            return isGranted(more) ? ["a longer lease fits"] : []
        default: return []
        }
    }

    private func step(_ ask: Ask) -> Int64 {
        ask.exclusive || ask.type == .gpu && ask.amount.units >= 1000 ? 1000 : 1
    }

    /// Lets time pass until a moment, with leases that end; granted then, and not before.
    private func later(_ at: Int64, _ request: ReservationRequest) -> [String] {
        // Who waits may be given other units than were planned, and its moment move.
        guard state.waiters.isEmpty else { return [] }
        var state = state
        while let next = state.nextDeadline, next <= at {
            let then = Now(wall: now.wall + .milliseconds(next - now.uptime), uptime: next)
            for change in state.decide(.tick, then).changes { state.apply(change, at: then.wall) }
            for (id, reservation) in state.reservations where !reservation.isLive {
                state.apply(.freed(id, nil), at: then.wall)
            }
            // Those that it must not be near are looked for now: they may be gone sooner.
            // And what it may have beside its own is told as long as that holds.
            guard next < at, request.antiAffinity.isEmpty, !isBoundByOwn, isGranted(request, state, then) else {
                continue
            }
            return ["it fits \(at - next) ms sooner"]
        }
        let then = Now(wall: now.wall + .milliseconds(at - now.uptime), uptime: at)
        return isGranted(request, state, then) ? [] : ["it does not fit then"]
    }

    /// Whether caps leave the caller less than they say, for what it holds already.
    private var isBoundByOwn: Bool {
        !caller.caps.quantities.isEmpty && state.reservations.values.contains { $0.user == caller.user && $0.isLive }
    }

    private func notices(_ request: ReservationRequest) -> [ReservationID: Int64] {
        var notices: [ReservationID: Int64] = [:]
        for case .preempted(let id, _, let deadline) in decided(request).changes { notices[id] = deadline }
        return notices
    }

    private func decided(_ request: ReservationRequest) -> Decision {
        state.decide(.reserve(id(1 << 40), request, caller, nil), now)
    }

    /// Asks for it in earnest: those and no others have their notice, and when it is over there is room.
    private func displaced(
        _ request: ReservationRequest, _ known: [ReservationID], _ others: Int, _ by: Int64
    ) -> [String] {
        guard request.strategy == .priority else { return ["nobody goes for this strategy"] }
        let notices = notices(request)
        let own = notices.keys.filter { caller.isAdmin || self.state.reservations[$0]?.user == caller.user }
        guard own.sorted() == known.sorted(), notices.count - own.count == others else {
            return ["\(notices.keys.sorted()) go"]
        }
        guard by == notices.values.max() else { return ["they go at \(notices)"] }
        // Who waits may come before it, and what it must be near may be gone by then.
        guard state.waiters.isEmpty, request.affinity.allSatisfy(\.isPreferred) else { return [] }
        var state = state
        for change in decided(request).changes { state.apply(change, at: now.wall) }
        let then = Now(wall: now.wall + .milliseconds(by - now.uptime), uptime: by)
        for change in state.decide(.tick, then).changes { state.apply(change, at: then.wall) }
        for gone in state.reservations.values where !gone.isLive { state.apply(.freed(gone.id, nil), at: then.wall) }
        for change in state.decide(.admit(depth: State.admitDepth), then).changes { state.apply(change, at: then.wall) }
        return state.reservations[id(1 << 40)] == nil ? ["it waits though they have gone"] : []
    }

    /// Less of one type that fits, and is not told.
    private func missing(_ explanation: Explanation) -> [String] {
        let request = explanation.request
        guard request.alternatives.isEmpty else { return [] }
        return request.resources.asks.compactMap { ask in
            let told = explanation.changes.contains { change in
                if case .less(let parts) = change.what { parts.map(\.type) == [ask.type] } else { false }
            }
            guard !told else { return nil }
            var least = request.resources.asks
            for index in least.indices { least[index].amount = least[index].minimum ?? least[index].amount }
            guard let index = least.firstIndex(where: { $0.type == ask.type }), least[index].amount > Quantity(10)
            else {
                return nil
            }
            least[index].amount =
                ask.constraints["partition"] == nil || ask.type != .gpu ? Quantity(10) : ask.type.whole
            for index in least.indices { least[index].minimum = nil }
            var less = request
            less.resources = Resources(least, storage: request.resources.storage)
            return isGranted(less) ? "less \(ask.type) fits, and is not told" : nil
        }
    }

    /// The request with members set, as a client does it that knows nothing but pointers.
    private func applied(
        _ edits: [(pointer: String, value: JSONValue)], to request: ReservationRequest
    ) throws -> ReservationRequest {
        var document = JSONValue.object(request.json)
        for edit in edits {
            let pointer = try JSONPointer(parsing: edit.pointer)
            guard case .object(let object) = document, let name = pointer.tokens.first else { continue }
            if pointer.tokens.count == 1 {
                let members = object.filter { $0.key != name }.map { ($0.key, $0.value) }
                document = .object(JSONObject(edit.value == .null ? members : members + [(name, edit.value)]))
            } else {
                _ = document.set(edit.value, at: pointer)
            }
        }
        return try ReservationRequest.reader.read(document)
    }
}

extension ReservationRequest {
    func choice(_ index: Int) -> Resources { choices[index] }

    mutating func replace(_ index: Int, _ resources: Resources) {
        if index == 0 { self.resources = resources } else { alternatives[index - 1] = resources }
    }
}
