internal import BerthJSON

/// What would be granted, and why not more or better, as a person wants to read it.
enum ExplanationText {
    /// The answer to a request that would be granted.
    static func granted(_ answer: JSONValue) -> String {
        let alternative = answer["alternative"]?.integer
        let choice = alternative.map { "alternative \($0 + 1)" } ?? "it"
        let part = answer["state"] == "partial" ? ", in part" : ""
        var text = "\(choice) would be granted\(part):\n" + ReservationText.holds(answer)
        if let detail = answer["short"]?["detail"]?.text { text += "why not more: \(detail.printable)\n" }
        for (index, problem) in (answer["passed"]?.elements ?? []).enumerated() {
            let name = index == 0 ? "what is asked first" : "alternative \(index)"
            text += "why not \(name): \(problem["detail"]?.text?.printable ?? "?")\n"
        }
        return text
    }
}
