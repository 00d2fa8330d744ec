internal import BerthJSON

/// What would be granted, and why not more or better, as a person wants to read it.
enum ExplanationText {
    /// The answer to a request that would be granted.
    static func granted(_ answer: JSONValue) -> String {
        let alternative = answer["alternative"]?.integer
        let choice = alternative.map { "alternative \($0 + 1)" } ?? "it"
        let part = answer["state"] == "partial" ? ", in part" : ""
        let start = answer["start"]?.text.map { "promised for \(ReservationText.time($0).printable)" }
        var text = "\(choice) would be \(start ?? "granted")\(part):\n" + ReservationText.holds(answer)
        if let how = how(answer) { text += "\(how)\n" }
        if let why = answer["why"]?["message"]?.text { text += "why those: \(why.printable)\n" }
        if let detail = answer["short"]?["detail"]?.text { text += "why not more: \(detail.printable)\n" }
        for (index, problem) in (answer["passed"]?.elements ?? []).enumerated() {
            let name = index == 0 ? "what is asked first" : "alternative \(index)"
            text += "why not \(name): \(problem["detail"]?.text?.printable ?? "?")\n"
        }
        for line in AmendmentText.lines(answer) { text += "\(line)\n" }
        return text
    }

    /// By what its units are chosen, where they lie, and how good that is.
    private static func how(_ answer: JSONValue) -> String? {
        guard let strategy = answer["choice"]?["strategy"]?.text else { return nil }
        let nodes = (answer["numa_nodes"]?.elements ?? []).compactMap { $0.integer.map(String.init) }
        guard !nodes.isEmpty else { return nil }
        let quality =
            answer["choice"]?["exact"] == true
            ? "nothing else is better by it" : "the best that was found before the search was given up"
        let place = "NUMA node\(nodes.count == 1 ? "" : "s") \(nodes.joined(separator: ", "))"
        return "chosen by \(strategy.printable), on \(place): \(quality)"
    }

    /// The answer to a request that would not be granted now: why, and what would make it fit.
    /// - Parameter asked: the body of the request
    static func refused(_ answer: JSONValue, to asked: JSONValue) -> CommandFailure {
        let failure = AgentProblem(
            answer["problem"] ?? [:], status: 200, speech: CommandSpeech(hasStart: asked["start"] != nil)
        ).failure
        let waits = answer["waits"] == true
        var lines = also(answer) + AmendmentText.lines(answer)
        let changes = answer["changes"]?.elements ?? []
        // The hint of what is short leads here.
        if changes.isEmpty, !waits, failure.code != "insufficient", let hint = failure.hint { lines.append(hint) }
        lines += changes.map { change in
            let sentence = change["message"]?.text?.printable ?? "?"
            return sentence + (ChangeOption.text(change, of: asked).map { " \($0.printable)" } ?? "")
        }
        if answer["complete"] == false { lines.append("There may be more: not everything was tried.") }
        return CommandFailure(
            "\(waits ? "it would wait" : "it would not be granted"): \(failure.message)",
            hint: lines.isEmpty ? nil : lines.joined(separator: "\n       "))
    }

    /// What stands in its way besides what the problem says.
    private static func also(_ answer: JSONValue) -> [String] {
        let told = answer["problem"]?["detail"]?.text ?? ""
        return (answer["violations"]?.elements ?? []).compactMap { violation in
            guard let message = violation["message"]?.text, !told.contains(message) else { return nil }
            let source = violation["source"]?.text ?? "berth"
            let whose = source == "berth" ? "" : "\(source): "
            let hint = violation["hint"]?.text.map { " (\($0))" } ?? ""
            return "also \(whose)\(CommandWords.text(message + hint))".printable
        }
    }
}
