internal import BerthJSON

/// What `--where` says: a type, one of its facts, and what it must be: `gpu.model=H200`, `gpu.vram>=40GiB`.
struct WhereOption {
    let type: String
    let fact: String
    /// As the API has it: `=` stands before a value, other signs are part of it.
    let value: JSONValue

    init(_ text: String, _ option: String = "--where") throws(CommandFailure) {
        let sign = text.indices.first { "=<>~".contains(text[$0]) || text[$0...].hasPrefix("!=") } ?? text.endIndex
        // The names of plugins' types have points too; a fact has none.
        guard let point = text[..<sign].lastIndex(of: "."), point > text.startIndex,
            text.index(after: point) < sign, sign < text.endIndex, text[sign...] != "="
        else {
            throw CommandFailure(
                "\(option) \(text.printable) is not a type, a fact and what it must be: gpu.model=H200, "
                    + "'gpu.vram>=40GiB'", status: 2)
        }
        type = String(text[..<point])
        fact = String(text[text.index(after: point)..<sign])
        let isEqual = text[sign] == "="
        value = isEqual ? WhereOption.value(String(text[text.index(after: sign)...])) : .string(String(text[sign...]))
    }

    /// A number or a boolean where the text is one, else the text.
    private static func value(_ text: String) -> JSONValue {
        if let number = try? JSONNumber(parsing: text) { return .number(number) }
        return text == "true" ? true : text == "false" ? false : .string(text)
    }

    /// The options as the `where` of each type; what is said of one fact must all hold.
    static func constraints(
        _ texts: [String], _ name: String = "--where"
    ) throws(CommandFailure) -> [String: JSONObject] {
        var constraints: [String: JSONObject] = [:]
        for text in texts {
            let option = try WhereOption(text, name)
            let value: JSONValue =
                switch constraints[option.type]?[option.fact] {
                case nil: option.value
                case .array(let before)?: .array(before + [option.value])
                case let before?: [before, option.value]
                }
            constraints[option.type, default: [:]][option.fact] = value
        }
        return constraints
    }

    /// The `where` of what is held, as a person would write it.
    static func texts(_ constraints: JSONValue?) -> [String] {
        (constraints?.members ?? [:]).flatMap { fact, value in
            guard case .array(let all) = value else { return [text(fact, value)] }
            return all.map { text(fact, $0) }
        }
    }

    private static func text(_ fact: String, _ value: JSONValue) -> String {
        let text = value.text ?? value.description
        return "\(fact)\(["<", ">", "~", "!="].contains { text.hasPrefix($0) } ? "" : "=")\(text)"
    }
}
