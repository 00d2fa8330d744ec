internal import BerthJSON
internal import BerthModel

/// Quantities of the agent's documents as people read them.
enum QuantityCell {
    /// A number of a type as text: exact where that is short, else rounded as people round. `-` where there is none, and
    /// the bare number where this program does not know the type.
    static func text(_ value: JSONValue?, of type: String?) -> String {
        text(value, measure: type.flatMap { ResourceType($0) }?.measure)
    }

    /// A number of a measure.
    static func text(_ value: JSONValue?, measure: Measure?) -> String {
        guard let value, value != .null else { return "-" }
        guard let measure, let quantity = try? measure.quantity(value) else { return value.description }
        if quantity == .zero { return "0" }
        switch measure {
        case .bytes, .bytesPerSecond:
            let exact = measure.text(quantity)
            guard exact.count > 8, let bytes = Int(exactly: quantity.units) else { return exact }
            return BinarySize(bytes).description + (measure == .bytesPerSecond ? "/s" : "")
        default: return measure.text(quantity)
        }
    }
}
