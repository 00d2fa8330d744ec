internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// One list of everything that stands in the way of a request: what is short, what it must not have, where it must lie, and
/// what plugins have against it.
extension Refusal {
    /// As violations, each with its place in the request and with how it was found.
    func violations(for asker: Asker = .now) -> [JSONValue] {
        switch self {
        case .insufficient(let shortfalls, let ever):
            // Where one of them is never there, that says nothing of the others.
            shortfalls.map { $0.violation(ever: shortfalls.allSatisfy(\.mayBe) ? ever : $0.mayBe, for: asker) }
        case .unmet(let shortfalls, let violations):
            violations.map(\.json) + shortfalls.map { $0.violation(ever: true, for: asker) }
        case .noneFits(let refusals):
            refusals.enumerated().flatMap { index, refusal in
                refusal.violations(for: asker).map { index == 0 ? $0 : $0.ofAlternative(index - 1) }
            }
        case .invalid(let violations), .rejected(let violations): violations.map(\.json)
        case .notThen(let refusals, let start, _): refusals.flatMap { $0.violations(for: .later(start)) }
        default: [Problem(self, for: asker).violation]
        }
    }

    /// Whether it says what is in the way of what was asked for, and not what became of whom it was asked.
    var isOfRequest: Bool {
        switch self {
        case .insufficient, .unmet, .noneFits, .invalid, .rejected, .notThen, .wouldDelay, .wouldKeepWaiting,
            .poolDenied, .unknownPool, .gang, .wouldRunInto, .maintenance, .overCap, .overQuota, .provider:
            true
        case .unknown, .notYours, .ended, .pending, .preempted, .poolInvalid, .poolConfigured, .poolInUse,
            .windowExists, .windowConfigured, .windowUnknown, .keyReused, .unenforceable, .enforcement, .inUse:
            false
        }
    }
}

extension Shortfall {
    /// What is short, as a clause.
    var sentence: String {
        let text = measure.shortText
        let least = minimum.map { ", at least \(text($0))" } ?? ""
        return
            "\(disk?.description ?? type.name): \(text(asked)) asked\(least), \(text(free)) of \(text(capacity)) free"
            + (isOfOneNode ? " on one NUMA node" : "") + (pool.map { " to the pool \($0)" } ?? "")
            + (isBesideGang ? " beside others of its gang" : "")
    }

    /// Whether there is so much of it where nothing is held.
    fileprivate var mayBe: Bool { minimum ?? asked <= capacity }

    /// What can never have it, as a clause.
    private var lacking: String {
        if let pool { return "the pool \(pool) can never hold this" }
        if isBesideGang, mayBe { return "the host does not have this for all of the gang at once" }
        return isOfOneNode ? "no NUMA node has this" : "the whole host does not have this"
    }

    /// What the person can do about what is short.
    static func hint(_ shortfalls: [Shortfall], ever: Bool, for asker: Asker) -> String {
        guard !ever, let never = shortfalls.first(where: { !$0.mayBe }) ?? shortfalls.first else {
            return asker.hint(
                toWait: "ask for less, or say \"wait\": \"10m\" to wait in turn",
                whileWaiting: "its turn comes; who asks for less may begin sooner")
        }
        return "ask for less: \(never.lacking)"
    }

    fileprivate func violation(ever: Bool, for asker: Asker) -> JSONValue {
        [
            "code": .string(ProblemCode.insufficient.rawValue),
            "pointer": .string(JSONPointer(["resources", type.name]).description), "message": .string(sentence),
            "hint": .string(Shortfall.hint([self], ever: ever, for: asker)), "source": "berth",
            "check": "room",
        ]
    }
}

extension Violation {
    /// As answers show it.
    var json: JSONValue {
        var object: JSONObject = [
            "code": .string(code), "pointer": .string(pointer), "message": .string(message),
        ]
        object["hint"] = hint.map { .string($0) }
        object["validator"] = validator.map { .string($0) }
        object["source"] = .string(validator ?? "berth")
        if validator == nil {
            let isOfOthers = pointer.hasPrefix("/affinity") || pointer.hasPrefix("/anti_affinity")
            object["check"] = isOfOthers ? "affinity" : "host"
        }
        return .object(object)
    }
}

extension Problem {
    /// A refusal of one reason as a violation.
    fileprivate var violation: JSONValue {
        var object: JSONObject = [
            "code": .string(code.rawValue), "pointer": .string(pointer ?? place), "message": .string(detail),
        ]
        object["hint"] = hint.map { .string($0) }
        object["source"] = "berth"
        object["check"] = .string(check)
        return .object(object)
    }

    /// The place of what is limited, where the problem names none; the whole request where it is about none.
    private var place: String {
        guard case .object(let quota)? = members["quota"], case .string(let type)? = quota["type"] else { return "" }
        return JSONPointer(["resources", type]).description
    }

    private var check: String {
        switch code {
        case .cap, .tooMany: "cap"
        case .quota: "quota"
        case .wouldDelay: "queue"
        case .poolDenied: "pool"
        case .invalid where pointer == "/pool": "pool"
        case .gangMismatch, .gangFull, .gangIncomplete: "gang"
        case .provider: "provider"
        default: "host"
        }
    }
}

extension JSONValue {
    fileprivate func ofAlternative(_ index: Int) -> JSONValue {
        guard case .object(var object) = self, case .string(let pointer)? = object["pointer"],
            pointer.hasPrefix("/resources/")
        else { return self }
        object["pointer"] = .string("/alternatives/\(index)" + pointer.dropFirst("/resources".count))
        return .object(object)
    }
}
