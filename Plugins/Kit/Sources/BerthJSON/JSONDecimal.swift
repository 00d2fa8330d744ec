extension JSONNumber {
    /// The sign and magnitude of the number times 10^`decimals` where that is whole and fits 64 bits.
    func exactly(decimals: Int) -> (isNegative: Bool, magnitude: UInt64)? {
        var decimal = Decimal(wanted: decimals)
        for byte in lexeme.utf8 {
            guard decimal.take(byte) else { return nil }
        }
        return decimal.magnitude.map { (decimal.isNegative, $0) }
    }
}

/// A number being read digit by digit as `significand` * 10^`zeros` / 10^`places` * 10^`exponent`.
///
/// The significand ends in a digit other than zero. So one that outgrows 64 bits can be no answer: scaled up it is too
/// large, scaled down it is not whole. That is what keeps 10,000 digits, or an exponent of a billion, cheap.
private struct Decimal {
    private enum Part { case whole, fraction, exponent }

    /// Exponents are not counted beyond this; no text in memory has as many digits to make up for one.
    private static let absurd = 1 << 48

    private(set) var isNegative = false
    private var part = Part.whole
    private var significand: UInt64 = 0
    private var zeros = 0
    private var places = 0
    private var exponent = 0
    private var exponentIsNegative = false
    private let wanted: Int

    init(wanted decimals: Int) { wanted = min(max(decimals, -Decimal.absurd), Decimal.absurd) }

    /// Takes the next byte of a well-formed number; false once it is clear that no 64-bit answer can follow.
    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return take(digit: byte - UInt8(ascii: "0"))
        case UInt8(ascii: "."):
            part = .fraction
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            part = .exponent
        case UInt8(ascii: "-"):
            if part == .exponent { exponentIsNegative = true } else { isNegative = true }
        default:
            break
        }
        return true
    }

    private mutating func take(digit: UInt8) -> Bool {
        if part == .exponent {
            if exponent < Decimal.absurd { exponent = exponent * 10 + Int(digit) }
            return true
        }
        if part == .fraction { places += 1 }
        guard digit > 0 else {
            zeros += 1
            return true
        }
        guard let shifted = timesTen(significand, power: zeros + 1) else { return false }
        let (sum, overflow) = shifted.addingReportingOverflow(UInt64(digit))
        significand = sum
        zeros = 0
        return !overflow
    }

    /// The number times 10^`wanted`; nil where it is not whole or too large.
    var magnitude: UInt64? {
        guard significand > 0 else { return 0 }
        let power = (exponentIsNegative ? -exponent : exponent) + zeros - places + wanted
        return power < 0 ? nil : timesTen(significand, power: power)
    }

    /// `value` * 10^`power`, nil where it does not fit. A `value` above zero is through after 20 steps at most.
    private func timesTen(_ value: UInt64, power: Int) -> UInt64? {
        guard value > 0 else { return 0 }
        var product = value
        for _ in 0..<power {
            let (next, overflow) = product.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            product = next
        }
        return product
    }
}
