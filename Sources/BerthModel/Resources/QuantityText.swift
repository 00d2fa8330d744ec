public import BerthJSON

extension Measure {
    /// Reads a quantity as a person writes it: `1.5`, `250m`, `4GiB`, `4Gi`, `4G`, `100Mbit`.
    ///
    /// `k`, `M`, `G`, `T`, `P` are powers of 1000, `Ki` … `Pi` powers of 1024; bytes may be followed by `B`, byte rates
    /// also by `B/s`, bit rates by `bit` or `bit/s`; `m` is a thousandth and only for CPUs and GPUs. The result is exact
    /// or refused: `0.0001` CPUs and `0.3` bytes are no whole number of base units.
    /// - Throws: ``ParseError`` for anything else, and for what is above ``Quantity/largest``
    public func quantity(parsing text: some StringProtocol) throws(ParseError) -> Quantity {
        let refusal = ParseError(text, expected: example)
        let end = text.utf8.firstIndex { !($0 >= 0x30 && $0 <= 0x39) && $0 != 0x2E } ?? text.endIndex
        guard let suffix = suffix(text[end...]), let number = Decimal(text[..<end]),
            let units = number.scaled(decimals: decimals - suffix.thousandths, times: suffix.factor),
            units <= Quantity.largest.units
        else { throw refusal }
        return Quantity(units)
    }

    /// Reads a quantity from JSON: a number in the unit people count in, or a text as a person would write it.
    /// - Throws: ``ParseError``, also for negative numbers
    public func quantity(_ value: JSONValue) throws(ParseError) -> Quantity {
        switch value {
        case .string(let text): return try quantity(parsing: text)
        case .number(let number):
            guard let units = number.scaled(decimals: decimals), units >= 0, units <= Quantity.largest.units else {
                throw ParseError(number.lexeme, expected: example)
            }
            return Quantity(units)
        default: throw ParseError(value.description, expected: example)
        }
    }

    /// Prints a quantity as a person would write it; ``quantity(parsing:)`` reads it back the same.
    public func text(_ quantity: Quantity) -> String {
        switch self {
        case .cpus, .gpus, .count: JSONNumber(quantity.units, decimals: decimals).lexeme
        case .bytes: scaled(quantity, by: 1024, names: ["", "KiB", "MiB", "GiB", "TiB", "PiB"], bare: "B")
        case .bytesPerSecond:
            scaled(quantity, by: 1024, names: ["", "KiB/s", "MiB/s", "GiB/s", "TiB/s", "PiB/s"], bare: "B/s")
        case .operationsPerSecond: scaled(quantity, by: 1000, names: ["", "k", "M", "G"], bare: "")
        case .bitsPerSecond: scaled(quantity, by: 1000, names: ["", "kbit", "Mbit", "Gbit", "Tbit"], bare: "bit")
        }
    }

    /// Prints a quantity for people: as ``text(_:)`` does, but bytes that are no round number are cut to a tenth of their
    /// largest unit (`21.5GiB`), never rounded up.
    public func shortText(_ quantity: Quantity) -> String {
        let exact = text(quantity)
        guard self == .bytes || self == .bytesPerSecond, exact.utf8.count > 7, quantity.units >= 1024 else {
            return exact
        }
        var unit = 0
        var divisor: Int64 = 1
        while unit < 5, quantity.units / divisor >= 1024 {
            divisor <<= 10
            unit += 1
        }
        let tenths = quantity.units % divisor / (divisor / 10 + 1)
        let name = ["", "KiB", "MiB", "GiB", "TiB", "PiB"][unit] + (self == .bytesPerSecond ? "/s" : "")
        return "\(quantity.units / divisor)\(tenths == 0 ? "" : ".\(tenths)")\(name)"
    }

    /// The largest unit in which the quantity is a whole number.
    private func scaled(_ quantity: Quantity, by base: Int64, names: [String], bare: String) -> String {
        var units = quantity.units
        var index = 0
        while index + 1 < names.count, units != 0, units % base == 0 {
            units /= base
            index += 1
        }
        return "\(units)\(index == 0 ? bare : names[index])"
    }

    private func suffix(_ text: some StringProtocol) -> Suffix? {
        switch self {
        case .cpus, .gpus:
            return text.isEmpty ? Suffix(factor: 1) : text == "m" ? Suffix(factor: 1, thousandths: 3) : nil
        case .count: return text.isEmpty ? Suffix(factor: 1) : nil
        case .operationsPerSecond: return Suffix(prefix: text)
        case .bytes: return Suffix(text, endings: ["B", ""])
        case .bytesPerSecond: return Suffix(text, endings: ["B/s", "B", ""])
        case .bitsPerSecond: return Suffix(text, endings: ["bit/s", "bit", ""])
        }
    }
}

/// What stands behind the number: a factor, or a division by a thousand.
struct Suffix {
    var factor: Int64
    /// How many decimals one unit of the suffix is below the unit that people count in: 3 for `m`.
    var thousandths = 0

    init(factor: Int64, thousandths: Int = 0) {
        self.factor = factor
        self.thousandths = thousandths
    }

    /// `GiB`, `G`, `Gi`: the first ending that leaves a known prefix counts.
    init?(_ text: some StringProtocol, endings: [String]) {
        for ending in endings where text.hasSuffix(ending) {
            guard let suffix = Suffix(prefix: text.dropLast(ending.count)) else { continue }
            self = suffix
            return
        }
        return nil
    }

    init?(prefix: some StringProtocol) {
        switch prefix {
        case "": factor = 1
        case "k", "K": factor = 1_000
        case "M": factor = 1_000_000
        case "G": factor = 1_000_000_000
        case "T": factor = 1_000_000_000_000
        case "P": factor = 1_000_000_000_000_000
        case "Ki": factor = 1 << 10
        case "Mi": factor = 1 << 20
        case "Gi": factor = 1 << 30
        case "Ti": factor = 1 << 40
        case "Pi": factor = 1 << 50
        default: return nil
        }
    }
}

/// Digits with at most one point among them, as an integer and how many of its digits are decimals.
private struct Decimal {
    var digits: Int64 = 0
    var decimals = 0

    init?(_ text: some StringProtocol) {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = halves.first, !whole.isEmpty, halves.count == 1 || !halves[1].isEmpty else { return nil }
        for half in halves {
            for byte in half.utf8 {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
                guard !overflow, product <= Int64.max - 9 else { return nil }
                digits = product + Int64(byte - 0x30)
            }
        }
        decimals = halves.count == 2 ? halves[1].utf8.count : 0
    }

    /// The value times `factor` times 10^`decimals`, if that is a whole number that fits.
    func scaled(decimals wanted: Int, times factor: Int64) -> Int64? {
        var numerator = digits.multipliedFullWidth(by: factor)
        var divisor: Int64 = 1
        var shift = wanted - decimals
        while shift > 0 {
            guard numerator.high == 0, numerator.low <= UInt64(Int64.max) else { return nil }
            numerator = Int64(numerator.low).multipliedFullWidth(by: 10)
            shift -= 1
        }
        while shift < 0 {
            guard divisor <= Int64.max / 10 else { return nil }
            divisor *= 10
            shift += 1
        }
        let unsigned = UInt64(divisor)
        guard UInt64(numerator.high) < unsigned else { return nil }
        let (quotient, rest) = unsigned.dividingFullWidth((UInt64(numerator.high), numerator.low))
        return rest == 0 ? Int64(exactly: quotient) : nil
    }
}
