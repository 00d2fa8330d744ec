internal import BerthJSON

/// A decimal number of any size, as it is compared: nothing is rounded.
///
/// Exponents beyond 10^14 are one and the same; no fact and no request means one.
struct ExactNumber: Hashable, Sendable {
    private var isNegative = false
    /// The digits, of which neither the first nor the last is zero; none is the number zero.
    private var digits: [UInt8] = []
    /// Where the decimal point stands: the number is 0.DIGITS times 10 to this.
    private var point = 0

    /// The number, however it is written: `1e3` and `1000.0` are 1000.
    init(_ number: JSONNumber) {
        var isFraction = false
        var isExponent = false
        var exponent = 0
        var exponentIsNegative = false
        digits.reserveCapacity(number.lexeme.utf8.count)
        for byte in number.lexeme.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = byte - UInt8(ascii: "0")
                if isExponent {
                    if exponent < 1 << 48 { exponent = exponent * 10 + Int(digit) }
                } else if digit == 0, digits.isEmpty {
                    if isFraction { point -= 1 }
                } else {
                    digits.append(digit)
                    if !isFraction { point += 1 }
                }
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
            case UInt8(ascii: "-"): if isExponent { exponentIsNegative = true } else { isNegative = true }
            default: break
            }
        }
        point += exponentIsNegative ? -exponent : exponent
        trim()
    }

    /// Reads a number as JSON has it, and behind it what may stand behind a quantity: `40GiB`, `25Gbit`, `-1.5k`.
    /// - Returns: nil for anything else
    init?(quantity text: Substring) {
        guard let last = text.utf8.lastIndex(where: { 0x30...0x39 ~= $0 }) else { return nil }
        let end = text.utf8.index(after: last)
        guard let suffix = Suffix(text[end...], endings: ["B/s", "B", "bit/s", "bit", ""]),
            let number = try? JSONNumber(parsing: String(text[..<end]))
        else { return nil }
        self.init(number)
        multiply(by: UInt64(suffix.factor))
    }

    /// Multiplies by a factor of at most 10^15.
    private mutating func multiply(by factor: UInt64) {
        guard factor > 1, !digits.isEmpty else { return }
        var carry: UInt64 = 0
        for place in digits.indices.reversed() {
            carry += UInt64(digits[place]) * factor
            digits[place] = UInt8(carry % 10)
            carry /= 10
        }
        while carry > 0 {
            digits.insert(UInt8(carry % 10), at: 0)
            carry /= 10
            point += 1
        }
        trim()
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        guard digits.isEmpty else { return }
        isNegative = false
        point = 0
    }
}

extension ExactNumber: Comparable {
    static func < (left: ExactNumber, right: ExactNumber) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative ? right.isNearerZero(than: left) : left.isNearerZero(than: right)
    }

    private func isNearerZero(than other: ExactNumber) -> Bool {
        guard !digits.isEmpty, !other.digits.isEmpty, point == other.point else {
            return digits.isEmpty || other.digits.isEmpty ? digits.count < other.digits.count : point < other.point
        }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}
