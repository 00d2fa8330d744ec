internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// The one place where errors and refusals become what a client is told.
extension Problem {
    /// What the agent did not do.
    init(_ error: AgentError, for asker: Asker = .now) {
        switch error {
        case .refused(let refusal):
            self.init(refusal, for: asker)
            if refusal.isOfRequest, members["violations"] == nil {
                members["violations"] = .array(refusal.violations(for: asker))
            }
        case .amended(let amendments, let refusal):
            self.init(AgentError.refused(refusal), for: asker)
            members["amendments"] = .array(amendments.map(\.json))
        case .roleNeeded(let role):
            self.init(
                .role, "this needs the role \"\(role.word)\", which the caller does not have",
                hint: "ask the administrator to put your user or group into that role",
                members: ["role": .string(role.word)])
        case .attach(let error): self.init(error)
        case .ledger(let error): self.init(.ledger, error.description, retryAfter: 1)
        case .unavailable(let reason): self.init(.unavailable, reason, retryAfter: 1)
        case .over(let reservation):
            self.init(.ended, "reservation \(reservation.id) has ended")
            members["state"] = .string(reservation.state.rawValue)
            members["reason"] = reservation.reason.map { .string($0.rawValue) }
            members["ended_at"] = reservation.endedAt.map { .string($0.description) }
        case .promised(let reservation):
            let start = reservation.start.map { " for \($0)" } ?? ""
            self.init(
                .pending, "reservation \(reservation.id) is promised\(start), and holds nothing before",
                hint: "what is promised is not changed before its start: release it, and ask anew")
            members["start"] = reservation.start.map { .string($0.description) }
        case .compacted(let oldest):
            self.init(
                .compacted, "the events asked for are not kept",
                hint: "read the present state, then go on after \(oldest)",
                members: ["oldest": JSONValue(oldest)])
        }
    }

    /// What the core refused.
    init(_ refusal: Refusal, for asker: Asker = .now) {
        switch refusal {
        case .insufficient(let shortfalls, let ever): self.init(shortfalls, ever: ever, for: asker)
        case .unmet(let shortfalls, let violations): self.init(shortfalls, violations, for: asker)
        case .noneFits(let refusals): self.init(choices: refusals.map { Problem($0, for: asker) })
        case .invalid(let violations): self.init(.invalid, violations, violations.map(\.message))
        case .rejected(let violations):
            self.init(.rejected, violations, violations.map { "\($0.validator ?? "a validator"): \($0.message)" })
        case .unknown(let id): self = .unknown(id.description)
        case .notYours(let id): self.init(.notYours, "reservation \(id) belongs to another user")
        case .ended(let id): self.init(.ended, "reservation \(id) has ended")
        case .pending(let id): self = .pending(id)
        case .preempted(let id): self = .preempted(id)
        case .wouldDelay(let count): self = .wouldDelay(count, for: asker)
        case .wouldKeepWaiting(let count): self = .wouldKeepWaiting(count)
        case .poolDenied(let pool): self = .poolDenied(pool)
        case .unknownPool(let pool): self = .unknownPool(pool)
        case .poolInvalid(let fault):
            self.init(.invalid, fault.reason, pointer: fault.pointer?.description, hint: fault.hint)
        case .poolConfigured(let pool): self = .poolConfigured(pool)
        case .poolInUse(let pool, let count): self = .poolInUse(pool, count)
        case .gang(let refusal): self.init(refusal)
        case .wouldRunInto(let id, let start): self.init(runningInto: id, at: start, for: asker)
        case .maintenance(let window, let start, let end): self.init(window, from: start, until: end, for: asker)
        case .windowExists(let id): self = .windowExists(id)
        case .windowConfigured(let id): self = .windowConfigured(id)
        case .windowUnknown(let id): self = .windowUnknown(id)
        case .notThen(let refusals, let start, let first): self.init(refusals, at: start, first: first)
        case .overCap(let cap): self.init(cap)
        case .overQuota(let excess): self.init(excess, for: asker)
        case .keyReused(let key): self = .keyReused(key)
        case .unenforceable(let receipts): self = .unenforceable(receipts)
        case .enforcement(let reason, let receipts): self = .enforcement(reason, receipts)
        case .provider(let type, let reason, let hint): self = .provider(type, reason, hint)
        case .inUse(let type, let used, let asked): self = .inUse(type, used, asked)
        }
    }

    private init(_ shortfalls: [Shortfall], _ violations: [Violation], for asker: Asker) {
        self.init(shortfalls, ever: true, for: asker)
        let short = detail.isEmpty ? [] : [detail]
        detail = (violations.map(\.message) + short).joined(separator: "; ")
        (pointer, hint) = (violations.first?.pointer, violations.first?.hint)
        members["violations"] = .array(violations.map(\.json))
    }

    private init(_ code: ProblemCode, _ violations: [Violation], _ sentences: [String]) {
        self.init(
            code, sentences.joined(separator: "; "), pointer: violations.first?.pointer, hint: violations.first?.hint,
            members: ["violations": .array(violations.map(\.json))])
    }

    private init(_ shortfalls: [Shortfall], ever: Bool, for asker: Asker) {
        self.init(
            .insufficient, shortfalls.map(\.sentence).joined(separator: "; "),
            hint: Shortfall.hint(shortfalls, ever: ever, for: asker),
            members: ["shortfalls": .array(shortfalls.map(\.json)), "ever": .bool(ever)])
    }

    /// None of several choices can be granted: the first says why, and the others say it beside it.
    private init(choices: [Problem]) {
        let isInsufficient = choices.contains { $0.code == .insufficient }
        guard var problem = choices.first else {
            self.init(.insufficient, "nothing was asked")
            return
        }
        if isInsufficient, problem.code != .insufficient {
            let first = problem
            problem = Problem(.insufficient, first.detail, pointer: first.pointer, hint: first.hint)
            problem.members = ["shortfalls": [], "ever": true]
            for (name, value) in first.members { problem.members[name] = value }
        }
        if isInsufficient { problem.members["ever"] = .bool(choices.contains { $0.members["ever"] == true }) }
        problem.detail += choices.count == 2 ? "; nor does the alternative fit" : "; nor does any alternative fit"
        problem.members["alternatives"] = .array(
            choices.dropFirst().map { choice in
                var object: JSONObject = ["code": .string(choice.code.rawValue), "detail": .string(choice.detail)]
                object["hint"] = choice.hint.map { .string($0) }
                for (name, value) in choice.members { object[name] = value }
                return .object(object)
            })
        self = problem
    }

    private init(_ cap: Cap) {
        switch cap {
        case .reservations(let most):
            self.init(
                .tooMany, "the caller has \(most) live reservations, the most it may have",
                hint: "release some", members: ["cap": ["name": "reservations", "most": JSONValue(most)]])
        case .waits(let most):
            self.init(
                .tooMany, "the caller has \(most) requests that wait, the most it may have",
                hint: "send \"Prefer: respond-async\", and look at the reservations now and then",
                members: ["cap": ["name": "waits", "most": JSONValue(most)]])
        case .priority(let most):
            self.init(
                .cap, "a request of the caller may have the priority \(most) at most", pointer: "/priority",
                members: ["cap": ["name": "priority", "most": JSONValue(most)]])
        case .lease(let most):
            self.init(
                .cap, "a lease of the caller may be \(most.text) at most", pointer: "/lease",
                members: ["cap": ["name": "lease", "most": .string(most.text)]])
        case .quantity(let type, let most, let held, let asked):
            let (measure, text) = (type.measure, type.measure.text)
            self.init(
                .cap,
                "the caller may hold \(text(most)) of \(type) at most, holds \(text(held)) and asks for \(text(asked))",
                pointer: JSONPointer(["resources", type.name]).description,
                members: [
                    "cap": [
                        "name": .string(type.name), "most": measure.json(most), "held": measure.json(held),
                        "asked": measure.json(asked),
                    ]
                ])
        }
    }

    private init(_ error: AttachError) {
        switch error {
        case .gone(let pid): self.init(.noProcess, "there is no live process \(pid)", pointer: "/pid")
        case .untouchable(let pid, let what):
            self.init(
                .invalid, "process \(pid) is \(what), and is never attached", pointer: "/pid",
                expected: "a process that runs a program of a user")
        case .notYours(let pid):
            self.init(
                .notYours, "process \(pid) is not the caller's in its real, effective and saved user id",
                pointer: "/pid",
                hint: "only root attaches processes of others")
        case .heldElsewhere(let pid, let id):
            self.init(
                .heldElsewhere, "process \(pid) is in reservation \(id)", pointer: "/pid",
                members: ["reservation": .string(id.description)])
        case .unenforceable(let receipts):
            self.init(
                .unenforceable,
                "with this process the kernel would not hold all that the reservation has, and it must be enforced",
                pointer: "/pid", hint: "attach a process before it takes memory",
                members: ["receipts": .array(receipts.map(\.json))])
        case .kernel(let text): self.init(.enforcement, text)
        }
    }

    /// A body that is no JSON.
    init(_ error: JSONParseError) {
        self.init(
            .malformed, "the body is not JSON: \(error)", expected: error.expected,
            members: [
                "line": JSONValue(error.line), "column": JSONValue(error.column), "offset": JSONValue(error.offset),
            ])
    }

    /// A body that is JSON and not what the call takes.
    init(_ error: JSONFieldError) {
        self.init(.invalid, error.description, pointer: error.pointer.excerpt, expected: error.expected)
        if case .unknown(let nearest?) = error.kind { hint = "did you mean \"\(nearest)\"?" }
    }

    /// No reservation of this name.
    static func unknown(_ id: String) -> Problem {
        Problem(.unknown, "there is no reservation \(JSONValue.string(id).excerpt)")
    }
}

extension Role {
    /// The role as the configuration and the API name it.
    fileprivate var word: String {
        switch self {
        case .observe: "observe"
        case .submit: "submit"
        case .admin: "admin"
        }
    }
}
