public import BerthJSON

extension Timestamp {
    /// The last moment that RFC 3339 has a text for: years have four digits.
    public static let last = Timestamp(milliseconds: 253_402_300_799_999)

    /// Reads a moment as RFC 3339 has it: `2026-12-01T02:00:00Z`, with a fraction of a second where one is wanted, and with
    /// `+01:00` in place of the Z.
    /// - Throws: ``ParseError`` for anything else, and for what is not from 1970 to 9999 in UTC
    public init(parsing text: some StringProtocol) throws(ParseError) {
        let refusal = ParseError(text, expected: "a time such as \"2026-12-01T02:00:00Z\"")
        let bytes = Array(text.utf8.prefix(64))
        var place = 0
        func number(_ digits: Int, _ range: ClosedRange<Int64>) throws(ParseError) -> Int64 {
            var number: Int64 = 0
            for _ in 0..<digits {
                guard place < bytes.count, 0x30...0x39 ~= bytes[place] else { throw refusal }
                number = number * 10 + Int64(bytes[place] - 0x30)
                place += 1
            }
            guard range.contains(number) else { throw refusal }
            return number
        }
        func skip(_ characters: String) throws(ParseError) {
            guard place < bytes.count, characters.utf8.contains(bytes[place]) else { throw refusal }
            place += 1
        }
        guard text.utf8.count <= 64 else { throw refusal }
        let year = try number(4, 1970...9999)
        try skip("-")
        let month = try number(2, 1...12)
        try skip("-")
        let day = try number(2, 1...Timestamp.days(in: month, of: year))
        try skip("Tt ")
        var total = Timestamp.days(year: year, month: month, day: day) * 86_400_000
        total += try number(2, 0...23) * 3_600_000
        try skip(":")
        total += try number(2, 0...59) * 60_000
        try skip(":")
        // A leap second is the one after it.
        total += try number(2, 0...60) * 1000
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            var unit: Int64 = 100
            repeat {
                total += try number(1, 0...9) * unit
                unit /= 10
            } while place < bytes.count && 0x30...0x39 ~= bytes[place]
        }
        if place < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[place]) {
            let sign: Int64 = bytes[place] == UInt8(ascii: "+") ? -1 : 1
            place += 1
            let hours = try number(2, 0...23)
            try skip(":")
            total += sign * (hours * 60 + (try number(2, 0...59))) * 60_000
        } else {
            try skip("Zz")
        }
        guard place == bytes.count, 0...Timestamp.last.milliseconds ~= total else { throw refusal }
        self.init(milliseconds: total)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// The day counted from 1970-01-01 (Hinnant's `days_from_civil`).
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension JSONReader where Value == Timestamp {
    /// A moment: `"2026-12-01T02:00:00Z"`.
    public static var timestamp: JSONReader {
        let expected = "a time such as \"2026-12-01T02:00:00Z\""
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            guard let moment = try? Timestamp(parsing: text) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return moment
        }
    }

    /// A moment as the ledger keeps it: in milliseconds since 1970, up to ``Timestamp/last``.
    static var milliseconds: JSONReader {
        JSONReader(expecting: "milliseconds since 1970") { value throws(JSONFieldError) in
            let number = try JSONReader<Int64>.int64.read(value)
            guard 0...Timestamp.last.milliseconds ~= number else {
                throw .invalid("is no time from 1970 to 9999 in milliseconds")
            }
            return Timestamp(milliseconds: number)
        }
    }
}
