/// A decimal number of any size as its digits before and after the point: slow, simple, and nothing like the code that
/// it is there to check.
struct NaiveDecimal {
    private var isNegative: Bool
    private var whole: [Character]
    private var fraction: [Character]

    /// Reads a JSON number.
    init(_ lexeme: String) {
        let parts = lexeme.lowercased().split(separator: "e")
        isNegative = lexeme.hasPrefix("-")
        let digits = parts[0].drop { $0 == "-" }.split(separator: ".")
        whole = Array(digits[0])
        fraction = digits.count > 1 ? Array(digits[1]) : []
        shift(by: parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    }

    /// Moves the point to the right, or to the left where `places` is negative, one place at a time.
    mutating func shift(by places: Int) {
        for _ in 0..<abs(places) {
            if places > 0 {
                whole.append(fraction.isEmpty ? "0" : fraction.removeFirst())
            } else {
                fraction.insert(whole.popLast() ?? "0", at: 0)
            }
        }
    }

    /// The number where it is whole and fits.
    var integer: Int64? {
        guard fraction.allSatisfy({ $0 == "0" }) else { return nil }
        return Int64((isNegative ? "-" : "") + "0" + String(whole))
    }
}
