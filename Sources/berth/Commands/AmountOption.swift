internal import BerthJSON
internal import BerthModel

/// What an option says of a quantity: `8`, or `2..8` for as much as there is between the two.
struct AmountOption {
    /// The `amount`, and the `minimum` where one is said.
    let members: JSONObject

    init(_ text: String, _ option: String) throws(CommandFailure) {
        guard let dots = AmountOption.dots(in: text) else {
            members = ["amount": .string(text)]
            return
        }
        let (minimum, amount) = (text[..<dots.lowerBound], text[dots.upperBound...])
        guard !minimum.isEmpty, !amount.isEmpty else {
            throw CommandFailure(
                "\(option) \(text.printable) is neither an amount nor the least and the most of one: 2..8", status: 2)
        }
        members = ["amount": .string(String(amount)), "minimum": .string(String(minimum))]
    }

    /// What to type for an ask as the API has it, a bare quantity or an object; nil where it is none.
    static func text(_ ask: JSONValue, of type: ResourceType) -> String? {
        func text(_ value: JSONValue) -> String? {
            if let text = value.text { return text }
            return try? type.measure.text(type.measure.quantity(value))
        }
        guard case .object = ask else { return text(ask) }
        guard let amount = ask["amount"].flatMap(text) else { return nil }
        guard let minimum = ask["minimum"] else { return amount }
        return text(minimum).map { "\($0)..\(amount)" }
    }

    private static func dots(in text: String) -> Range<String.Index>? {
        text.indices.first { text[$0...].hasPrefix("..") }.map { $0..<text.index($0, offsetBy: 2) }
    }
}
