internal import BerthJSON

/// What `--where` says: a type, one of its facts, and what it must be: `gpu.model=H200`, `gpu.vram>=40GiB`. A fact without its
/// type is of the one type whose units are asked for: `vram>=40GiB` beside `--gpu 1`.
struct WhereOption {
    let type: String
    let fact: String
    /// As the API has it: `=` stands before a value, other signs are part of it.
    let value: JSONValue

    /// - Parameters:
    ///   - text: the option's value
    ///   - option: its name
    ///   - types: what is asked for, for a fact that is said without its type
    init(_ text: String, _ option: String = "--where", of types: Set<String> = []) throws(CommandFailure) {
        let sign = text.indices.first { "=<>~".contains(text[$0]) || text[$0...].hasPrefix("!=") } ?? text.endIndex
        // The names of plugins' types have points too; a fact has none.
        let point = text[..<sign].lastIndex(of: ".")
        let name = point.map { text.index(after: $0) } ?? text.startIndex
        guard point != text.startIndex, name < sign, sign < text.endIndex, text[sign...] != "=" else {
            throw CommandFailure(
                "\(option) \(text.printable) is not a type, a fact and what it must be: gpu.model=H200, "
                    + "'gpu.vram>=40GiB'", status: 2)
        }
        fact = String(text[name..<sign])
        if let point {
            type = String(text[..<point])
        } else {
            type = try WhereOption.type(among: types, of: text, option)
        }
        let isEqual = text[sign] == "="
        value = isEqual ? WhereOption.value(String(text[text.index(after: sign)...])) : .string(String(text[sign...]))
    }

    /// The one type that has units; where none has, the only one that is asked for.
    private static func type(
        among types: Set<String>, of text: String, _ option: String
    ) throws(CommandFailure) -> String {
        let units = types.subtracting(["cpu", "memory", "pids"])
        let candidates = units.isEmpty ? types : units
        guard let type = candidates.first, candidates.count == 1 else {
            let of = candidates.isEmpty ? "no type" : candidates.sorted().joined(separator: " and ")
            throw CommandFailure(
                "\(option) \(text.printable) does not say of which type: \(of) is asked for",
                hint: "name it: '\(candidates.min() ?? "gpu").\(text.printable)'", status: 2)
        }
        return type
    }

    /// A number or a boolean where the text is one, else the text.
    private static func value(_ text: String) -> JSONValue {
        if let number = try? JSONNumber(parsing: text) { return .number(number) }
        return text == "true" ? true : text == "false" ? false : .string(text)
    }

    /// The options as the `where` of each type; what is said of one fact must all hold.
    static func constraints(
        _ texts: [String], _ name: String = "--where", of types: Set<String> = []
    ) throws(CommandFailure) -> [String: JSONObject] {
        var constraints: [String: JSONObject] = [:]
        for text in texts {
            let option = try WhereOption(text, name, of: types)
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
