internal import BerthJSON
internal import BerthModel

/// What a person types for an alternative that is changed: all of it, in the place of what it was.
enum AlternativeText {
    /// The option, as `--or cpu=4,memory=8GiB`; nil where the command line cannot say it.
    /// - Parameters:
    ///   - edits: what is set in one of the alternatives
    ///   - asked: the body of the request
    static func option(_ edits: [JSONValue], of asked: JSONValue) -> String? {
        var place: Int?
        var resources: JSONObject = [:]
        for edit in edits {
            guard let text = edit["pointer"]?.text, let pointer = try? JSONPointer(parsing: text),
                pointer.tokens.count == 3, let index = Int(pointer.tokens[1]), place == nil || place == index
            else { return nil }
            if place == nil {
                guard let all = asked["alternatives"]?.elements, all.indices.contains(index),
                    case .object(let former) = all[index]
                else { return nil }
                (place, resources) = (index, former)
            }
            resources[pointer.tokens[2]] = edit["value"]
        }
        let parts = resources.map { AlternativeText.parts(of: $0.key, $0.value) }
        let known = parts.compactMap { $0 }
        guard known.count == parts.count, !known.isEmpty else { return nil }
        let text = known.flatMap { $0 }.joined(separator: ",")
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "=,.-_/".contains($0) }
        guard isPlain || !text.contains("'") else { return nil }
        return "--or " + (isPlain ? text : "'\(text)'")
    }

    /// What is said of one type: how much, and what must be so of its units.
    private static func parts(of name: String, _ ask: JSONValue) -> [String]? {
        let known: Set = ["amount", "minimum", "exclusive", "where"]
        guard let type = ResourceType(name), let amount = AmountOption.text(ask, of: type),
            ask.members.allSatisfy({ known.contains($0.key) })
        else { return nil }
        let facts = WhereOption.texts(ask["where"]).map { "\(name).\($0)" }
        guard facts.allSatisfy({ !$0.contains(",") }) else { return nil }
        return ["\(ask["exclusive"] == true ? "exclusive-" : "")\(name)=\(amount)"] + facts
    }
}
