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
        switch (sign, Condition.number(rest)) {
        case ("=", _): self = .equal(rest)
        case ("!=", _): self = .unequal(rest)
        case ("<", let number?): self = .less(number)
        case ("<=", let number?): self = .atMost(number)
        case (">", let number?): self = .more(number)
        case (">=", let number?): self = .atLeast(number)
        default:
            throw Failure(
                "\"\(text)\" is no condition",
                hint:
                    "present, absent, = x, != x, < n, <= n, > n or >= n, where n is a number or a duration such as 1h30m"
            )
        }
    }

    /// A number, or the seconds of a duration as requests have it: `1h30m`. Nil for all else.
    private static func number(_ text: String) -> Double? {
        if let number = Double(text) { return number }
        var (rest, seconds) = (text[...], 0.0)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let count = Double(digits), let size = units[String(unit)] else { return nil }
            seconds += count * size
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return text.isEmpty ? nil : seconds
    }

    private static let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400]

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
        let number = text.flatMap { Condition.number($0) }
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
