internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// Has validators look at a request before it is decided: they amend it once, in order, then all of them look at the result
/// and at what would be granted for it.
extension Agent {
    /// So often validators look at what would be granted beside others, who may take just that meanwhile; then others who are
    /// about to take something wait.
    private static let mostLooksBesideOthers = 2
    /// So often what would be granted may change in all while validators look at it: by what ends, and by time.
    private static let mostLooks = 6

    /// The request as validators have it. After this returns nothing is awaited until it is decided.
    func admit(
        _ request: ReservationRequest, _ purpose: Question.Purpose, by peer: Peer
    ) async throws(AgentError) -> ReservationRequest {
        func wouldBeGranted(_ request: ReservationRequest) -> Bool {
            let id = ports.ids.next()
            let decision = state.decide(.reserve(id, request, self.caller(peer), nil), ports.clock.now())
            return decision.grant != nil || decision.queued != nil
        }
        guard !ports.validators.isEmpty else {
            // What does not fit, or passes a cap, is refused by the core: no plugin is asked about it.
            let namesProvided = request.choices.contains { $0.asks.contains(where: \.type.isProvided) }
            if namesProvided, wouldBeGranted(request) { try await checkParameters(of: request) }
            return request
        }
        let (admitted, question) = try await amended(request, purpose, by: peer)
        do throws(AgentError) {
            if wouldBeGranted(admitted) { try await checkParameters(of: admitted) }
            guard let question else { return admitted }
            let caller = self.caller(peer)
            let id = ports.ids.next()
            let violations = try await look(question) { now in
                self.state.decide(.reserve(id, admitted, caller, nil), now)
            }
            guard violations.isEmpty else { throw .refused(.rejected(violations)) }
        } catch {
            throw error.telling(admitted.amendments)
        }
        return admitted
    }

    /// The request with what validators put into it, and what they are to be asked about it; nil where there are none.
    func amended(
        _ request: ReservationRequest, _ purpose: Question.Purpose, by peer: Peer
    ) async throws(AgentError) -> (request: ReservationRequest, question: Question?) {
        guard !ports.validators.isEmpty else { return (request, nil) }
        var question = self.question(purpose, request.json, peer)
        let (amended, amendments) = try await amend(question)
        guard !amendments.isEmpty else { return (request, question) }
        var admitted = try reread(amended, ReservationRequest.reader, amendments)
        admitted.amendments = amendments
        admitted.isDetached = request.isDetached
        question.request = amended
        return (admitted, question)
    }

    /// The change as validators have it, likewise.
    func admit(
        _ change: ResourceChange, to id: ReservationID, by peer: Peer
    ) async throws(AgentError) -> ResourceChange {
        guard !ports.validators.isEmpty else {
            try await checkParameters(change, of: id)
            return change
        }
        // What makes no sense is refused by the core, in its own words.
        guard let asked = state.reservations[id]?.request(changedBy: change) else { return change }
        var question = self.question(.resize, asked.json(of: id), peer)
        let (amended, all) = try await amend(question)
        // The rest of the request was admitted when it was granted, and is not changed by this.
        let amendments = all.filter { $0.pointer.hasPrefix("/resources/") }
        var admitted = change
        if !amendments.isEmpty, case .object(let resources)? = amended["resources"] {
            admitted = try reread(["resources": change.json.laid(amendments, of: resources)], .resources, amendments)
            admitted.amendments = amendments
            question.request["resources"] = .object(resources)
        }
        try await checkParameters(admitted, of: id)
        let caller = self.caller(peer)
        let violations = try await look(question) { now in self.state.decide(.resize(id, admitted, caller), now) }
        guard violations.isEmpty else { throw .refused(.rejected(violations)) }
        return admitted
    }

    /// What makes no sense over what is held is refused by the core, in its own words.
    private func checkParameters(_ change: ResourceChange, of id: ReservationID) async throws(AgentError) {
        guard let held = state.reservations[id]?.grant.resources else { return }
        let types = Set(change.parts.map(\.type))
        let resources: Resources
        do throws(JSONFieldError) { resources = try change.resolved(over: held) } catch { return }
        try await checkParameters(resources.asks.filter { types.contains($0.type) })
    }

    private func question(_ purpose: Question.Purpose, _ request: JSONObject, _ peer: Peer) -> Question {
        let host = ResourceReport.all(state, at: ports.clock.now()).map { report in
            let measure = report.type.measure
            return (
                report.type.name,
                [
                    "capacity": report.capacity.map(measure.json) ?? .null,
                    "free": report.free.map(measure.json) ?? .null,
                ] as JSONValue
            )
        }
        return Question(
            purpose: purpose, request: request, user: peer.user, groups: peer.groups, proposal: [:],
            host: ["resources": .object(JSONObject(host))])
    }

    private func amend(_ question: Question) async throws(AgentError) -> (JSONObject, [Amendment]) {
        do throws(ValidatorFailure) {
            let (request, amendments) = try await ports.validators.amend(question)
            return (request, amendments)
        } catch {
            throw .unavailable(error.reason)
        }
    }

    /// Reads what validators have made of a request. What makes no sense is their doing, and not the client's.
    private func reread<Value>(
        _ request: JSONObject, _ reader: JSONReader<Value>, _ amendments: [Amendment]
    ) throws(AgentError) -> Value {
        do throws(JSONFieldError) { return try reader.read(.object(request)) } catch {
            let names = Set(amendments.map(\.validator)).sorted().joined(separator: ", ")
            throw .refused(
                .rejected([
                    Violation(
                        code: "amendment", pointer: error.pointer.description,
                        message: "the request makes no sense any more as it was amended: \(error.message)",
                        hint: "ask the administrator to look at the validators", validator: names)
                ]))
        }
    }

    /// Has validators look at what would be granted, until that is what will be granted.
    /// - Parameters:
    ///   - asked: what they are asked
    ///   - resources: what they look at where it is refused; nil is that they are not asked then
    ///   - decide: decides it
    /// - Returns: what they have against it
    func look(
        _ asked: Question, alsoRefused resources: JSONValue? = nil, _ decide: (Now) -> Decision
    ) async throws(AgentError) -> [Violation] {
        var question = asked
        var isAlone = false
        defer { if isAlone { othersMayDecide() } }
        for number in 0..<Agent.mostLooks {
            if number == Agent.mostLooksBesideOthers {
                await mayDecide()
                (isAlone, isOneDeciding) = (true, true)
            }
            let decision = decide(ports.clock.now())
            // What waits is looked at as it was asked for.
            let proposal = decision.grant?.json ?? decision.queued?.resources.json ?? resources
            // What does not fit is refused by the core, in its own words.
            guard case .object(let proposal)? = proposal else { return [] }
            question.proposal = ["resources": .object(proposal)]
            let violations: [Violation]
            do throws(ValidatorFailure) {
                violations = try await ports.validators.violations(question)
            } catch {
                throw .unavailable(error.reason)
            }
            guard violations.isEmpty else { return violations }
            if !isAlone { await mayDecide() }
            try needServing()
            let now = decide(ports.clock.now())
            if now.grant == decision.grant, now.queued == decision.queued { return [] }
        }
        throw .unavailable("what would be granted changes faster than validators can look at it")
    }
}

extension Agent {
    /// Waits until nobody has others wait for its decision.
    private func mayDecide() async {
        while isOneDeciding { await withCheckedContinuation { waitingToDecide.append($0) } }
    }

    private func othersMayDecide() {
        isOneDeciding = false
        let waiting = waitingToDecide
        waitingToDecide = []
        for each in waiting { each.resume() }
    }
}

extension Decision {
    /// The request that would wait; nil where none would.
    fileprivate var queued: ReservationRequest? {
        for case .queued(let reservation) in changes { return reservation.waiting?.request }
        return nil
    }

    /// What would be granted; nil where nothing would.
    fileprivate var grant: Grant? {
        for change in changes {
            switch change {
            case .granted(let reservation): return reservation.grant
            case .resized(_, let grant): return grant
            default: break
            }
        }
        return nil
    }
}

extension JSONValue {
    /// The resources of a change with what validators have put into those that it leads to: what the client wrote stays.
    fileprivate func laid(_ amendments: [Amendment], of amended: JSONObject) -> JSONValue {
        guard case .object(var resources) = self else { return self }
        for amendment in amendments {
            let tokens: [String]
            do throws(JSONParseError) { tokens = try JSONPointer(parsing: amendment.pointer).tokens } catch { continue }
            guard tokens.count > 1, let whole = amended[tokens[1]] else { continue }
            guard tokens.count > 2, case .object(var part) = resources[tokens[1]] ?? [:],
                case .object(let members) = whole, let value = members[tokens[2]]
            else {
                resources[tokens[1]] = whole
                continue
            }
            part[tokens[2]] = value
            resources[tokens[1]] = .object(part)
        }
        return .object(resources)
    }
}

extension Reservation {
    /// What it would have been asked for with, had the change been in the request; nil where that makes no sense.
    fileprivate func request(changedBy change: ResourceChange) -> ReservationRequest? {
        let resources: Resources
        do throws(JSONFieldError) { resources = try change.resolved(over: grant.resources) } catch { return nil }
        var request = ReservationRequest(
            name: name, resources: resources, lease: lease, end: end, labels: labels, enforce: enforce,
            strategy: strategy, same: same, priority: priority)
        (request.affinity, request.antiAffinity) = (affinity, antiAffinity)
        (request.pool, request.warning, request.gang) = (pool, warning, gang)
        return request
    }
}

extension ReservationRequest {
    /// The request as validators see it of one that is held already.
    fileprivate func json(of id: ReservationID) -> JSONObject {
        var object = json
        object["reservation"] = .string(id.description)
        return object
    }
}

extension JSONReader where Value == ResourceChange {
    /// The `resources` of a change, alone in an object.
    fileprivate static var resources: JSONReader {
        .fields { fields throws(JSONFieldError) in try fields.required("resources", ResourceChange.reader) }
    }
}
