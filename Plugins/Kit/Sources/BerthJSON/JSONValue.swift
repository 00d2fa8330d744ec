/// One JSON value (RFC 8259), exact: numbers keep their text, objects keep their order and their duplicates.
///
/// Two values are equal when they would print the same, save that texts are compared as Swift compares them: by
/// canonical equivalence of their characters.
public enum JSONValue: Hashable, Sendable {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, as it was written.
    case number(JSONNumber)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Names with values, in order.
    case object(JSONObject)

    /// A whole number.
    public init(_ integer: Int) { self = .number(JSONNumber(integer)) }
    /// A whole number.
    public init(_ integer: Int64) { self = .number(JSONNumber(integer)) }
    /// A whole number.
    public init(_ integer: UInt64) { self = .number(JSONNumber(integer)) }

    /// Which of the six kinds this value is.
    public var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `nil` is the JSON `null`.
    public init(nilLiteral: ()) { self = .null }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array in the order written.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object in the order written.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(JSONObject(members.map { (key: $0, value: $1) }))
    }
}

/// The kinds of JSON value; each prints as it stands in a sentence: `a string`, `null`.
public enum JSONKind: String, Hashable, Sendable, CustomStringConvertible {
    /// The literal `null`.
    case null
    /// `true` or `false`.
    case bool = "true or false"
    /// A number.
    case number = "a number"
    /// A text.
    case string = "a string"
    /// An array.
    case array = "an array"
    /// An object.
    case object = "an object"

    /// The kind with its article.
    public var description: String { rawValue }
}
