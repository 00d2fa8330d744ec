/// JSON that parsed, but is not what was asked for: which place, what is wrong with it, what would have been accepted.
public struct JSONFieldError: Error, Hashable, Sendable {
    /// What is wrong at the place.
    public enum Kind: Hashable, Sendable {
        /// The member must be there and is not.
        case missing
        /// Nobody asked for a member of this name; `nearest` is the known name that may have been meant.
        case unknown(nearest: String?)
        /// The value is of another kind.
        case wrongType(found: JSONKind)
        /// The object has several members of this name.
        case duplicate
        /// The value is of the right kind and still no good. The text goes on after the name of the field:
        /// `must be at least 0.01`.
        case invalid(String)
    }

    /// The value, or where it should have been.
    public let pointer: JSONPointer
    /// What is wrong with it.
    public let kind: Kind
    /// What would have been accepted: `a string`, `one of "cpu", "memory"`; nil where there is nothing to say.
    public let expected: String?

    private init(_ kind: Kind, at pointer: JSONPointer, expected: String?) {
        self.pointer = pointer
        self.kind = kind
        self.expected = expected
    }

    /// The member at `pointer` must be there and is not.
    public static func missing(at pointer: JSONPointer, expected: String) -> JSONFieldError {
        JSONFieldError(.missing, at: pointer, expected: expected)
    }

    /// Nobody knows the member at `pointer`; these are the names that are known.
    public static func unknown(at pointer: JSONPointer, known: [String]) -> JSONFieldError {
        let nearest = pointer.tokens.last.flatMap { nearestName(to: $0, among: known) }
        let names = known.map { JSONValue.string($0).description }.joined(separator: ", ")
        let expected = known.isEmpty ? "no fields" : known.count == 1 ? names : "one of \(names)"
        return JSONFieldError(.unknown(nearest: nearest), at: pointer, expected: expected)
    }

    /// The value at `pointer` is not even of the right kind.
    public static func wrongType(
        at pointer: JSONPointer = .root, expected: String, found: JSONValue
    ) -> JSONFieldError {
        JSONFieldError(.wrongType(found: found.kind), at: pointer, expected: expected)
    }

    /// The object above `pointer` has several members of its name.
    public static func duplicate(at pointer: JSONPointer) -> JSONFieldError {
        JSONFieldError(.duplicate, at: pointer, expected: "each name once")
    }

    /// The value at `pointer` is no good; `complaint` goes on after the name of the field: `must be at least 0.01`.
    public static func invalid(
        at pointer: JSONPointer = .root, _ complaint: String, expected: String? = nil
    ) -> JSONFieldError {
        JSONFieldError(.invalid(complaint), at: pointer, expected: expected)
    }

    /// The same error told from further out, where the value that was read stands at `outer`.
    public func below(_ outer: JSONPointer) -> JSONFieldError {
        JSONFieldError(kind, at: pointer.below(outer), expected: expected)
    }
}

extension JSONFieldError: CustomStringConvertible {
    /// What is wrong, without the place: `unknown field "memroy"; did you mean "memory"?`
    public var message: String {
        let name = pointer.tokens.last.map { JSONValue.string($0).excerpt }
        let subject = name ?? "the document"
        let field = name.map { "field \($0)" } ?? subject
        switch kind {
        case .missing:
            return "\(field) is missing"
        case .unknown(let nearest):
            return "unknown \(field)" + (nearest.map { "; did you mean \"\($0)\"?" } ?? "")
        case .wrongType(let found):
            return "\(subject) must be \(expected ?? "something else"), not \(found)"
        case .duplicate:
            return "\(field) is given more than once"
        case .invalid(let complaint):
            return "\(subject) \(complaint)"
        }
    }

    /// What is wrong and where: `at /resources/memroy: unknown field "memroy"; did you mean "memory"?`
    public var description: String { pointer == .root ? message : "at \(pointer.excerpt): \(message)" }
}

extension JSONValue {
    /// The value as it may stand in a message: short texts and numbers as they are, longer ones cut, arrays and
    /// objects by their kind. Control characters are escaped.
    public var excerpt: String {
        switch self {
        case .null, .bool: return description
        case .array, .object: return kind.description
        case .number(let number): return number.lexeme.cut(to: 40)
        case .string(let text): return JSONValue.string(text.cut(to: 40)).description
        }
    }
}

extension String {
    /// The first characters (Unicode scalars), with an ellipsis where some are left out.
    fileprivate func cut(to count: Int) -> String {
        let scalars = unicodeScalars
        guard let end = scalars.index(startIndex, offsetBy: count, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return String(scalars[..<end]) + "…"
    }
}
