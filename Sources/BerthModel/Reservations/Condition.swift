internal import BerthJSON

/// One condition of a ``Constraint``.
enum Condition: Sendable {
    /// The fact is this text or boolean.
    case equal(JSONValue)
    /// The fact is this number, however that is written.
    case same(ExactNumber)
    /// The fact is another text, number or boolean. The number is what the text says as one.
    case unequal(String, ExactNumber?)
    /// The fact is a number for which the sign holds.
    case order(Sign, ExactNumber)
    /// The fact is a text of this pattern.
    case like(Glob)

    /// The signs that compare numbers; a sign that another one begins with stands after that.
    enum Sign: String, CaseIterable, Sendable {
        case atLeast = ">="
        case atMost = "<="
        case more = ">"
        case less = "<"
    }

    private static let expected =
        "a number, a text or a boolean that it must be equal to, or a condition such as \">=40GiB\", \"!=H100\" or \"~*A100*\""
    /// A number that is compared with has at most so many characters.
    private static let longest = 64

    /// Reads one condition.
    init(_ value: JSONValue) throws(JSONFieldError) {
        switch value {
        case .bool: self = .equal(value)
        case .number(let number): self = .same(ExactNumber(number))
        case .string(let text): self = try Condition(text)
        case .null, .array, .object: throw .wrongType(expected: Condition.expected, found: value)
        }
    }

    private init(_ text: String) throws(JSONFieldError) {
        func rest(_ sign: String, _ expected: String) throws(JSONFieldError) -> Substring {
            let rest = text.dropFirst(sign.count)
            guard !rest.isEmpty else { throw .invalid("has nothing after \"\(sign)\"", expected: expected) }
            return rest
        }
        if text.hasPrefix("~") {
            let expected = "a pattern of at most \(Glob.longest) characters, such as \"~*A100*\""
            guard let glob = Glob(try rest("~", expected)) else {
                throw .invalid("must be a pattern of at most \(Glob.longest) characters", expected: expected)
            }
            self = .like(glob)
        } else if text.hasPrefix("!=") {
            let rest = try rest("!=", "a value that it must not be, such as \"!=H100\"")
            self = .unequal(String(rest), Condition.number(rest))
        } else if text.hasPrefix("=") {
            self = .equal(.string(String(try rest("=", "a text that it must be equal to, such as \"H100\""))))
        } else if let sign = Sign.allCases.first(where: { text.hasPrefix($0.rawValue) }) {
            let expected = "a number after the sign, such as \"\(sign.rawValue)40GiB\" or \"\(sign.rawValue)2\""
            guard let number = Condition.number(try rest(sign.rawValue, expected).drop { $0 == " " }) else {
                throw .invalid(
                    "is \(JSONValue.string(text).excerpt), in which no number can be read", expected: expected)
            }
            self = .order(sign, number)
        } else {
            self = .equal(.string(text))
        }
    }

    private static func number(_ text: Substring) -> ExactNumber? {
        text.utf8.count <= longest ? ExactNumber(quantity: text) : nil
    }

    /// Whether a fact is so.
    func holds(of fact: JSONValue) -> Bool {
        switch (self, fact) {
        case (.equal(let wanted), _): fact == wanted
        case (.same(let wanted), .number(let number)): ExactNumber(number) == wanted
        case (.unequal(let text, _), .string(let found)): found != text
        case (.unequal(let text, _), .bool(let found)): text != (found ? "true" : "false")
        case (.unequal(_, let number), .number(let found)): number != ExactNumber(found)
        case (.order(let sign, let bound), .number(let found)): sign.holds(ExactNumber(found), bound)
        case (.like(let glob), .string(let text)): glob.matches(text)
        default: false
        }
    }

    /// What is kept of a condition on the number of a NUMA node: not a number as it was written, with a million zeros behind
    /// the point, for it is kept as long as the reservation.
    /// - Parameter value: the condition as it was written
    /// - Throws: where it is no condition on such a number
    func node(_ value: JSONValue) throws(JSONFieldError) -> JSONValue {
        switch (self, value) {
        case (.same, .number(let number)):
            guard let node = number.int64, 0..<65_536 ~= node else { break }
            return JSONValue(node)
        case (.order, _), (.unequal(_, .some), _): return value
        default: break
        }
        throw .invalid(
            "must be the number of a NUMA node", expected: "a number such as 1, or a condition such as \"!=0\"")
    }
}

extension Condition.Sign {
    fileprivate func holds(_ left: ExactNumber, _ right: ExactNumber) -> Bool {
        switch self {
        case .atLeast: left >= right
        case .atMost: left <= right
        case .more: left > right
        case .less: left < right
        }
    }
}

extension JSONReader where Value == Condition {
    /// One condition of a list.
    static var condition: JSONReader {
        JSONReader(expecting: "a condition") { value throws(JSONFieldError) in try Condition(value) }
    }
}
