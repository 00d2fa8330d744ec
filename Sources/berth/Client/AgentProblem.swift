internal import BerthJSON
internal import BerthModel

/// What the agent did not do, as its problem details (RFC 9457) tell it.
struct AgentProblem {
    /// The kind, by which programs decide; empty where the answer has none.
    let code: String
    private let document: JSONValue
    private let status: Int
    private let speech: CommandSpeech
    private let now: Timestamp

    init(
        _ document: JSONValue, status: Int, speech: CommandSpeech = CommandSpeech(), now: Timestamp = StartOption.now
    ) {
        self.document = document
        self.status = status
        self.speech = speech
        self.now = now
        code = document["code"]?.text ?? ""
    }

    /// The problem as a sentence, and what the person can do.
    var failure: CommandFailure {
        // Else a person would be told of what it never wrote.
        let amended = AmendmentText.lines(document)
        let hints = amended + (hint.map { [CommandWords.text($0).printable] } ?? [])
        return CommandFailure(
            CommandWords.text(sentence).printable, hint: hints.isEmpty ? nil : hints.joined(separator: "; "),
            code: code,
            document: document)
    }

    private var sentence: String {
        guard let detail = document["detail"]?.text ?? document["title"]?.text else {
            return "the agent answered with status \(status)"
        }
        if let parameter = document["parameter"]?.text, let option = AgentProblem.option(ofParameter: parameter) {
            return "\(option): \(detail)"
        }
        guard let pointer = document["pointer"]?.text, let place = AgentProblem.tokens(pointer), let last = place.last
        else { return detail + ending }
        // The person wrote an option and knows neither pointers nor the names of members.
        let prefix = "at \(pointer): "
        let isTold = detail.hasPrefix(prefix)
        let rest = isTold ? String(detail.dropFirst(prefix.count)) : detail
        let member = JSONValue.string(last).excerpt + " "
        if let first = place.first, speech.arguments.contains(first) {
            return isTold && rest.hasPrefix(member) ? "the \(first) \(rest.dropFirst(member.count))" : rest
        }
        guard let option = speech.option(at: pointer) ?? AgentProblem.option(at: pointer) else {
            return detail + ending
        }
        return isTold && rest.hasPrefix(member) ? "\(option) \(rest.dropFirst(member.count))" : "\(option): \(rest)"
    }

    /// How a reservation ended that nothing more can be done with.
    private var ending: String {
        guard code == "ended", let reason = document["reason"]?.text else { return "" }
        return ": \(EndingText.clause(reason))"
            + (document["ended_at"]?.text.map { ", \(ReservationText.time($0))" } ?? "")
    }

    private var hint: String? {
        if let first = document["first_start"]?.text { return "from \(first) on it would fit" }
        switch code {
        case "held_elsewhere":
            return
                "what is started inside a reservation is part of it already: start it without berth, or release the other "
                + "one first" + (document["reservation"]?.text.map { " (berth show \($0))" } ?? "")
        case "insufficient" where document["start"] != nil:
            let holders = document["ever"] == false ? nil : "berth list shows who holds it by then"
            return [speech.instead ?? document["hint"]?.text, holders].compactMap { $0 }.joined(separator: "; ")
        case "insufficient":
            // What is asked of one that is there already nothing explains.
            let there = "berth status tells what there is, berth list who holds it"
            let what = "berth explain tells what would fit, berth status what there is, berth list who holds it"
            return (shortHint.map { "\($0); " } ?? "") + (speech.instead == nil ? what : there)
        case "maintenance" where speech.hasStart:
            return "\(document["hint"]?.text ?? ""); berth maintenance list shows it"
        case "maintenance": return "\(speech.instead ?? maintenanceHint); berth maintenance list shows it"
        // There was no room at the start that was asked for.
        case "would_delay" where document["start"] != nil && document["waiting"] != nil: return document["hint"]?.text
        case "would_delay": return speech.instead ?? delayHint
        case "pending" where document["start"] != nil: return document["hint"]?.text
        case "pending": return "berth show tells when its turn is expected"
        case "unknown" where document["hint"] == nil && document["expected"] == nil:
            return "berth list shows those that are live"
        default: return document["hint"]?.text ?? expectation
        }
    }

    /// What to do about maintenance. What has no lease never fits beside what comes again, and no lease is over before what is on.
    private var maintenanceHint: String {
        let wait = "--wait \(timeToEnd)"
        let isOn = time("start").map { $0 <= now } ?? false
        guard document["repeat"] == nil else {
            return isOn
                ? "\(wait) until it is over, and a --lease: it comes again every week"
                : "a --lease that is over by then: it comes again every week, so --wait helps only with a --lease"
        }
        return (isOn ? "" : "a --lease that is over by then, or ") + "\(wait) until it is over"
    }

    /// How long it is to the end of the maintenance in whole minutes, and no less.
    private var timeToEnd: String {
        guard let end = time("end"), end > now else { return "10h" }
        return Duration.seconds(((end.milliseconds - now.milliseconds) / 60_000 + 1) * 60).text
    }

    private func time(_ member: String) -> Timestamp? { document[member]?.text.flatMap { try? Timestamp(parsing: $0) } }

    /// What to do about a start that is promised to another, or about those who wait.
    private var delayHint: String {
        document["start"] == nil
            ? "--wait 10m waits in turn; with a --lease that is over before theirs begins it may pass: berth explain tells "
                + "which"
            : "a --lease that is over by then, or --wait 10h until that one has ended"
    }

    /// What to do about what is short: it may be given back, or the agent says it in its own words.
    private var shortHint: String? {
        let isRoom = (document["violations"]?.elements ?? []).allSatisfy { $0["check"] == "room" }
        return document["ever"] == true && isRoom
            ? speech.instead ?? "ask for less, or wait for it with --wait 10m" : document["hint"]?.text
    }

    /// What would have been accepted, where the sentence does not say so already.
    private var expectation: String? {
        guard let expected = document["expected"]?.text, !sentence.contains(expected) else { return nil }
        return "expected: \(expected)"
    }

    /// The option by which a person says what stands at a place of the body; nil where there is none.
    static func option(at pointer: String) -> String? {
        guard let tokens = tokens(pointer), let first = tokens.first else { return nil }
        switch (first, tokens.count) {
        case ("resources", 1): return nil
        case ("resources", _): return option(ofType: tokens[1], Array(tokens.dropFirst(2)))
        case ("labels", 2): return "--label \(tokens[1])"
        case ("labels", _): return "--label"
        case ("alternatives", _): return "--or"
        case ("affinity", _): return "--near"
        case ("anti_affinity", _): return "--apart"
        case ("give_back", _): return "--give-back"
        case ("gang", 2), ("guaranteed", 2), ("max", 2): return "--\(first) \(tokens[1])"
        case ("name", _), ("lease", _), ("wait", _), ("start", _), ("priority", _), ("pool", _), ("strategy", _),
            ("same", _), ("end", _), ("enforce", _), ("signal", _), ("requeue", _), ("gang", _), ("reservation", _),
            ("size", _),
            ("kind", _), ("parent", _), ("guaranteed", _), ("max", _), ("weight", _), ("users", _), ("groups", _):
            return "--\(first)"
        default: return nil
        }
    }

    /// The option that says something of a type: the amount, unless a member is named.
    private static func option(ofType type: String, _ members: [String]) -> String {
        switch (type, members.first) {
        case (_, "where"?), (_, "prefer"?):
            return "--\(members[0]) \(type)" + (members.count > 1 ? ".\(members[1])" : "")
        case ("storage", _):
            guard members.count > 1, members[1] != "device" else { return "--io-read, --io-write, …" }
            return "--io-" + members[1].split(separator: "_").joined(separator: "-")
        case ("cpu", "limit"?), ("memory", "limit"?): return "--limit-\(type)"
        case ("memory", "guarantee"?): return "--memory-guarantee"
        case ("memory", "swap"?), ("memory", "oom"?): return "--\(members[0])"
        case ("cpu", _), ("memory", _), ("pids", _), ("gpu", _), ("network", _): return "--\(type)"
        default: return "--resource \(type)"
        }
    }

    /// The option by which a person says a parameter of the query; nil where there is none.
    private static func option(ofParameter name: String) -> String? {
        ["wait", "grace", "state", "since", "reservation"].contains(name)
            ? "--\(name)" : name == "Idempotency-Key" ? "--idempotency-key" : nil
    }

    /// Names of members from the outside in; nil for what is no pointer.
    private static func tokens(_ pointer: String) -> [String]? {
        do throws(JSONParseError) { return try JSONPointer(parsing: pointer).tokens } catch { return nil }
    }
}
