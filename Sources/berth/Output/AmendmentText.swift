internal import BerthJSON

/// What validators have put into a request, as a person wants to read it.
enum AmendmentText {
    /// One line an amendment of a reservation, of an explanation or of a problem.
    static func lines(_ document: JSONValue) -> [String] {
        (document["amendments"]?.elements ?? []).map { amendment in
            let validator = amendment["validator"]?.text ?? "?"
            let value = amendment["value"].map { $0.text ?? $0.description } ?? "?"
            let reason = amendment["reason"]?.text.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
            return "\(validator) has put \(amendment["pointer"]?.text ?? "?") = \(value) into the request\(reason)"
                .printable
        }
    }
}
