extension Duration {
    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Reads a duration as people write it: a whole number of `ms`, `s`, `m` (or `min`), `h` or `d`, several one after the
    /// other (`1h30m`), or a bare number of seconds.
    /// - Throws: ``ParseError`` for anything else and for more than ten years
    public init(parsing text: some StringProtocol) throws(ParseError) {
        let refusal = ParseError(
            text, expected: "a duration in whole numbers such as 90 (seconds), \"10m\", \"1h30m\" or \"2d\"")
        var rest = Substring(text)
        var total: Int64 = 0
        // Nobody writes longer ones, and those who do are not to be read to the end.
        guard 1...64 ~= text.utf8.count else { throw refusal }
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard digits.utf8.count <= 12, let number = Int64(digits), let factor = Duration.milliseconds(in: unit),
                number <= Duration.longest / factor, !unit.isEmpty || (rest.isEmpty && total == 0)
            else { throw refusal }
            total += number * factor
        } while !rest.isEmpty && total <= Duration.longest
        guard total <= Duration.longest else { throw refusal }
        self = .milliseconds(total)
    }

    /// Ten years, in milliseconds.
    private static let longest: Int64 = 10 * 366 * 86_400_000

    private static func milliseconds(in unit: Substring) -> Int64? {
        switch unit {
        case "ms": 1
        case "", "s", "sec": 1000
        case "m", "min": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        default: nil
        }
    }

    /// Prints the duration as ``init(parsing:)`` reads it: `1h30m`, `10m`, `1s500ms`.
    public var text: String {
        var rest = milliseconds
        guard rest != 0 else { return "0s" }
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, Int64)]
        {
            let count = rest / size
            if count > 0 { text += "\(count)\(unit)" }
            rest %= size
        }
        return text
    }
}
