import BerthJSON
import BerthPluginKit

/// What has to be so of a value of the request.
enum Condition: Equatable {
    case present, absent
    case equal(String), unequal(String)
    case less(Double), atMost(Double), more(Double), atLeast(Double)

    /// Reads `present`, `absent`, `= x`, `!= x`, `< n`, `<= n`, `> n` or `>= n`.
    init(_ text: String) throws {
        if let word: Condition = ["present": .present, "absent": .absent][text] {
            self = word
            return
        }
        let sign = text.prefix { "=!<>".contains($0) }
        let rest = String(text.dropFirst(sign.count).drop { $0 == " " })
        switch (sign, Double(rest)) {
        case ("=", _): self = .equal(rest)
        case ("!=", _): self = .unequal(rest)
        case ("<", let number?): self = .less(number)
        case ("<=", let number?): self = .atMost(number)
        case (">", let number?): self = .more(number)
        case (">=", let number?): self = .atLeast(number)
        default:
            throw Failure("\"\(text)\" is no condition", hint: "present, absent, = x, != x, < n, <= n, > n or >= n")
        }
    }

    /// A quantity with more said of it is its amount. What is not there is neither more nor less than anything.
    func holds(of found: JSONValue?) -> Bool {
        var value = found
        if case .object(let object)? = value, let amount = object["amount"] { value = amount }
        let text: String? =
            switch value {
            case .string(let text)?: text
            case .number(let number)?: number.lexeme
            case .bool(let bool)?: bool ? "true" : "false"
            default: nil
            }
        let number = text.flatMap { Double($0) }
        return switch self {
        case .present: found != nil
        case .absent: found == nil
        case .equal(let wanted): text == wanted
        case .unequal(let wanted): text != wanted
        case .less(let limit): number.map { $0 < limit } ?? false
        case .atMost(let limit): number.map { $0 <= limit } ?? false
        case .more(let limit): number.map { $0 > limit } ?? false
        case .atLeast(let limit): number.map { $0 >= limit } ?? false
        }
    }
}
