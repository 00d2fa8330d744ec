internal import BerthJSON

/// What the agent did not do, as its problem details (RFC 9457) tell it.
struct AgentProblem {
    /// The kind, by which programs decide; empty where the answer has none.
    let code: String
    private let document: JSONValue
    private let status: Int

    init(_ document: JSONValue, status: Int) {
        self.document = document
        self.status = status
        code = document["code"]?.text ?? ""
    }

    /// The problem as a sentence, and what the person can do.
    var failure: CommandFailure {
        CommandFailure(sentence.printable, hint: hint?.printable, code: code, document: document)
    }

    private var sentence: String {
        guard let detail = document["detail"]?.text ?? document["title"]?.text else {
            return "the agent answered with status \(status)"
        }
        guard let pointer = document["pointer"]?.text, let option = AgentProblem.option(at: pointer) else {
            return detail + ending
        }
        // The person wrote an option and knows neither pointers nor the names of members.
        let prefix = "at \(pointer): "
        guard detail.hasPrefix(prefix) else { return "\(option): \(detail)" }
        let rest = detail.dropFirst(prefix.count)
        let member = "\"\(pointer.split(separator: "/").last ?? "")\" "
        return "\(option) \(rest.hasPrefix(member) ? rest.dropFirst(member.count) : rest)"
    }

    /// How a reservation ended that nothing more can be done with.
    private var ending: String {
        guard code == "ended", let reason = document["reason"]?.text else { return "" }
        return ": \(EndingText.clause(reason))"
            + (document["ended_at"]?.text.map { ", \(ReservationText.time($0))" } ?? "")
    }

    private var hint: String? {
        switch code {
        case "held_elsewhere":
            "what is started inside a reservation is part of it already: start it without berth, or release the other one "
                + "first" + (document["reservation"]?.text.map { " (berth show \($0))" } ?? "")
        case "insufficient":
            (shortHint.map { "\($0); " } ?? "")
                + "berth explain tells what would fit, berth status what there is, berth list who holds it"
        case "would_delay":
            "--wait 10m waits in turn; with a --lease that is over before theirs begins it may pass: berth explain tells which"
        case "pending": "berth show tells when its turn is expected"
        case "unknown" where document["hint"] == nil: "berth list shows those that are live"
        default: document["hint"]?.text ?? expectation
        }
    }

    /// What to do about what is short: it may be given back, or the agent says it in its own words.
    private var shortHint: String? {
        document["ever"] == true && document["violations"] == nil
            ? "ask for less, or wait for it with --wait 10m" : document["hint"]?.text
    }

    /// What would have been accepted, where the sentence does not say so already.
    private var expectation: String? {
        guard let expected = document["expected"]?.text, !sentence.contains(expected) else { return nil }
        return "expected: \(expected)"
    }

    /// The option by which a person says what stands at a place of the body; nil where there is none.
    static func option(at pointer: String) -> String? {
        let tokens = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        switch (tokens.first, tokens.count) {
        case ("resources", 1): return nil
        case ("resources", _):
            if tokens.count > 2, tokens[2] == "where" || tokens[2] == "prefer" {
                return "--\(tokens[2]) \(tokens[1])" + (tokens.count > 3 ? ".\(tokens[3])" : "")
            }
            let isLimit = tokens.count > 2 && tokens[2] == "limit"
            switch tokens[1] {
            case "storage":
                guard tokens.count > 3, tokens[3] != "device" else { return "--io-read, --io-write, …" }
                return "--io-" + tokens[3].split(separator: "_").joined(separator: "-")
            default: return isLimit ? "--limit-\(tokens[1])" : "--\(tokens[1])"
            }
        case ("labels", _): return "--label"
        case ("alternatives", _): return "--or"
        case ("affinity", _): return "--near"
        case ("anti_affinity", _): return "--apart"
        case ("name", _), ("lease", _), ("wait", _), ("priority", _), ("pool", _), ("strategy", _), ("same", _),
            ("end", _), ("enforce", _), ("signal", _), ("requeue", _):
            return tokens.first.map { "--\($0)" }
        default: return nil
        }
    }
}
