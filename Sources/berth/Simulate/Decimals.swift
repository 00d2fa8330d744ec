internal import BerthJSON

/// Fractions as people and documents have them, without Foundation.
enum Decimals {
    /// A number rounded to so many decimals, as a document has it.
    static func json(_ number: Double, _ decimals: Int) -> JSONValue {
        .number(JSONNumber(scaled(number, decimals), decimals: decimals))
    }

    /// The same with all its decimals: `12.50`.
    static func text(_ number: Double, _ decimals: Int) -> String {
        let scaled = scaled(number, decimals)
        let digits = String(scaled.magnitude)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = scaled < 0 ? "-" : ""
        return decimals == 0 ? sign + padded : "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// A share of one as per cent with one decimal, without the sign; `-` where there is none.
    static func percent(_ share: Double?) -> String { share.map { text($0 * 100, 1) } ?? "-" }

    private static func scaled(_ number: Double, _ decimals: Int) -> Int64 {
        var factor = 1.0
        for _ in 0..<decimals { factor *= 10 }
        return Int64(exactly: (number * factor).rounded()) ?? 0
    }
}
