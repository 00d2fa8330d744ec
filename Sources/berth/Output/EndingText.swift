internal import BerthJSON

/// Why a reservation ended, for people.
enum EndingText {
    /// A clause for an ended reservation's document, with what the person needs to do better next time.
    static func clause(of reservation: JSONValue) -> String {
        let clause = clause(reservation["reason"]?.text ?? "")
        switch reservation["reason"]?.text {
        case "out_of_memory":
            let memory = reservation["resources"]?["memory"]
            let figures = [
                ("limit", memory?["limit"] ?? memory?["amount"]), ("peak", reservation["usage"]?["memory_peak_bytes"]),
            ].compactMap { name, value in
                value?.integer.flatMap(Int.init(exactly:)).map { "\(name) \(BinarySize($0))" }
            }
            return figures.isEmpty ? clause : "\(clause) (\(figures.joined(separator: ", ")))"
        case "lease":
            return reservation["lease"]?.text.map { "\(clause) (\($0))" } ?? clause
        default: return clause
        }
    }

    /// A clause for the agent's word.
    static func clause(_ reason: String) -> String {
        switch reason {
        case "released": "it was released"
        case "last_process": "its last process has ended"
        case "never_attached": "no process came in time"
        case "lease": "its lease is over"
        case "preempted": "another was to have what it held"
        case "out_of_memory": "it used more memory than it has"
        case "rebooted": "the host was started anew"
        case "enforcement": "what it holds could not be kept up"
        case "provider": "a plugin could not prepare it"
        case "wait": "its time to wait was over before its turn came"
        case "gang": "its gang was not whole: too few asked in time, or one could not be held"
        case "": "the agent does not say why"
        default: reason
        }
    }
}
