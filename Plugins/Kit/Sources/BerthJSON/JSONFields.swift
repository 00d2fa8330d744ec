/// Reads an object strictly: each field by name and type, no name twice, and none left over that nobody asked for.
///
/// ```swift
/// let request = try JSONFields.read(value) { fields throws(JSONFieldError) in
///     Request(
///         name: try fields.required("name", .string),
///         lease: try fields.optional("lease", .string),
///         labels: try fields.optional("labels", .dictionary(of: .string)) ?? [:])
/// }
/// ```
///
/// Swift 6.3 does not infer the error of a closure that has more than one statement: write `throws(JSONFieldError)`.
///
/// A field whose value is null is there, and of the wrong type: a client that sends null for "nothing" learns so before
/// it matters. Where null has a meaning, ask with `.orNull`; `optional("limit", .orNull(.number))` then tells an absent
/// field (nil) from a null one (`.some(nil)`).
public struct JSONFields {
    /// Where the object stands; errors are told from here. Those that a caller throws should be as well: see `invalid`.
    public let pointer: JSONPointer

    private let object: JSONObject
    private var known: [String] = []

    /// Starts reading the object that stands at `pointer`; refuses what is no object, and an object with a name twice.
    public init(_ value: JSONValue, at pointer: JSONPointer = .root) throws(JSONFieldError) {
        object = try JSONReader.object.read(value, at: pointer)
        self.pointer = pointer
    }

    /// Reads a whole object: starts, has `body` ask for the fields, and finishes.
    @inlinable
    public static func read<Result>(
        _ value: JSONValue, at pointer: JSONPointer = .root,
        _ body: (inout JSONFields) throws(JSONFieldError) -> Result
    ) throws(JSONFieldError) -> Result {
        var fields = try JSONFields(value, at: pointer)
        let result = try body(&fields)
        try fields.finish()
        return result
    }

    /// A field that must be there. Where it is not, but a field that nobody asked for yet has nearly its name, that one is
    /// refused as misspelt. So ask for fields with names near this one before.
    @inlinable
    public mutating func required<Value>(
        _ name: String, _ reader: JSONReader<Value>
    ) throws(JSONFieldError) -> Value {
        guard let value = try optional(name, reader) else {
            throw missing(name, expected: reader.expected)
        }
        return value
    }

    /// A field that may be there; nil where it is not.
    @inlinable
    public mutating func optional<Value>(
        _ name: String, _ reader: JSONReader<Value>
    ) throws(JSONFieldError) -> Value? {
        guard let value = take(name) else { return nil }
        return try reader.read(value, at: pointer.appending(name))
    }

    /// The names of the members that nobody asked for yet, in the order of the object.
    public var others: [String] { object.map(\.key).filter { !known.contains($0) } }

    /// The value of a field, which from now on is one that was asked for.
    @usableFromInline
    mutating func take(_ name: String) -> JSONValue? {
        known.append(name)
        return object[name]
    }

    /// The error of a field that is not there, or is there under a name that nobody asked for yet and that is near it.
    public func missing(_ name: String, expected: String) -> JSONFieldError {
        let misspelt = object.first { !known.contains($0.key) && nearestName(to: $0.key, among: [name]) != nil }
        guard let misspelt else { return .missing(at: pointer.appending(name), expected: expected) }
        return .unknown(at: pointer.appending(misspelt.key), known: [name])
    }

    /// An error of a field's value that shows only beside other fields; `complaint` goes on after the field's name:
    /// `must not be below the amount`.
    public func invalid(_ name: String, _ complaint: String, expected: String? = nil) -> JSONFieldError {
        .invalid(at: pointer.appending(name), complaint, expected: expected)
    }

    /// Refuses the first member that was not asked for. To be called when all fields have been.
    public func finish() throws(JSONFieldError) {
        for (name, _) in object where !known.contains(name) {
            throw .unknown(at: pointer.appending(name), known: known)
        }
    }
}
