/// How one kind of value is read: `.string`, `.int64`, `.array(of: .string)`, or a type's own.
///
/// A reader does not know where its value stands: it throws errors told from the value on (at `.root`), and whoever
/// called it puts the place before them. So nothing is spent on places while all is well.
///
/// ```swift
/// extension JSONReader where Value == Port {
///     static var port: JSONReader {
///         JSONReader(expecting: "a port") { value throws(JSONFieldError) in
///             let number = try JSONReader<Int64>.int64.read(value)
///             guard let port = Port(number) else { throw .invalid("must be 1 to 65535, not \(number)") }
///             return port
///         }
///     }
/// }
/// ```
public struct JSONReader<Value> {
    @usableFromInline let noun: String
    @usableFromInline let takesNull: Bool
    @usableFromInline let body: (JSONValue) throws(JSONFieldError) -> Value

    /// What it reads, as it stands in a sentence: `a string`, `a string or null`.
    @inlinable
    public var expected: String { takesNull ? "\(noun) or null" : noun }

    /// A reader from what it expects, as it stands in a sentence, and how it reads.
    @inlinable
    public init(expecting noun: String, _ body: @escaping (JSONValue) throws(JSONFieldError) -> Value) {
        self.init(noun, takesNull: false, body)
    }

    @usableFromInline
    init(_ noun: String, takesNull: Bool, _ body: @escaping (JSONValue) throws(JSONFieldError) -> Value) {
        self.noun = noun
        self.takesNull = takesNull
        self.body = body
    }

    /// Reads a value that stands at `pointer`.
    @inlinable
    public func read(
        _ value: JSONValue, at pointer: @autoclosure () -> JSONPointer = .root
    ) throws(JSONFieldError) -> Value {
        do {
            return try body(value)
        } catch {
            if takesNull, error.pointer == .root, case .wrongType = error.kind {
                throw .wrongType(at: pointer(), expected: expected, found: value)
            }
            throw error.below(pointer())
        }
    }

    /// Reads what another reader does, and an explicit null as nil. Without it null is refused like any other value
    /// of the wrong kind.
    @inlinable
    public static func orNull<Some>(_ reader: JSONReader<Some>) -> JSONReader where Value == Some? {
        JSONReader(reader.noun, takesNull: true) { value throws(JSONFieldError) in
            value == .null ? nil : try reader.read(value)
        }
    }
}
