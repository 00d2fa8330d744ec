import BerthJSON
import Testing

@Suite("A JSON number") struct JSONNumberTests {
    @Test("keeps its text", arguments: ["0", "-0", "1.50", "1E+2", "1e-2", "123456789012345678901234567890"])
    func lexeme(text: String) throws {
        let number = try JSONNumber(parsing: text)
        #expect(number.lexeme == text)
        #expect(number.description == text)
        #expect(try JSONValue(parsing: text) == .number(number))
    }

    @Test(
        "is nothing else than what RFC 8259 calls a number",
        arguments: [
            "", " ", "1 ", " 1", "+1", "01", "-", "-01", ".5", "1.", "1.e2", "1e", "1e+", "1ee2", "0x1", "1_000", "NaN",
            "Infinity", "1,0", "\u{FF11}", "1\u{0}",
        ])
    func refusal(text: String) { #expect(throws: JSONParseError.self) { try JSONNumber(parsing: text) } }

    @Test("is made of integers of every width")
    func integers() {
        #expect(JSONNumber(-5).lexeme == "-5")
        #expect(JSONNumber(Int64.min).int64 == Int64.min)
        #expect(JSONNumber(UInt64.max).uint64 == UInt64.max)
        #expect(JSONNumber(UInt64.max).int64 == nil)
    }

    @Test(
        "is made of a scaled integer with as few digits as it needs",
        arguments: [
            (1500, 3, "1.5"), (1000, 3, "1"), (0, 3, "0"), (1, 3, "0.001"), (-1, 3, "-0.001"), (-12345, 2, "-123.45"),
            (1010, 3, "1.01"), (7, 0, "7"), (70, 0, "70"), (Int64.max, 18, "9.223372036854775807"),
            (Int64.min, 18, "-9.223372036854775808"), (Int64.min, 0, "-9223372036854775808"), (20, 1, "2"),
        ] as [(Int64, Int, String)])
    func fromScaled(scaled: Int64, decimals: Int, text: String) {
        let number = JSONNumber(scaled, decimals: decimals)
        #expect(number.lexeme == text)
        #expect(number.scaled(decimals: decimals) == scaled)
    }

    @Test(
        "is an integer however it is written, if it is one",
        arguments: [
            ("1e3", 1000), ("1.0", 1), ("1000.0e-3", 1), ("-0", 0), ("-0.0e5", 0), ("1.5", nil), ("1e-1", nil),
            ("9223372036854775807", Int64.max), ("9223372036854775808", nil), ("9223372036854775807.1", nil),
            ("-9223372036854775808", Int64.min), ("-9223372036854775809", nil), ("-9.223372036854775808e18", Int64.min),
            ("18446744073709551616", nil), ("18446744073709551617", nil), ("18446744073709551619", nil), ("0e99", 0),
            ("1e18", 1_000_000_000_000_000_000),
            ("1e19", nil), ("99999999999999999999e-20", nil), ("100000000000000000000e-20", 1),
        ] as [(String, Int64?)])
    func int64(text: String, value: Int64?) throws { #expect(try JSONNumber(parsing: text).int64 == value) }

    @Test(
        "is an unsigned integer only where it is not negative",
        arguments: [
            ("18446744073709551615", UInt64.max), ("1.8446744073709551615e19", UInt64.max),
            ("18446744073709551616", nil), ("18446744073709551619", nil), ("-1", nil), ("-0", 0), ("0.5", nil),
        ] as [(String, UInt64?)])
    func uint64(text: String, value: UInt64?) throws { #expect(try JSONNumber(parsing: text).uint64 == value) }

    @Test(
        "is scaled exactly or not at all",
        arguments: [
            ("1.5", 3, 1500), ("0.0001", 3, nil), ("0.001", 3, 1), ("1.5000", 3, 1500), ("15e-4", 3, nil),
            ("-2.5e-1", 3, -250), ("1500", -2, 15), ("1501", -2, nil), ("9.223372036854775807", 18, Int64.max),
            ("9.2233720368547758071", 18, nil), ("1", 19, nil), ("0", 1000, 0), ("0", Int.min, 0), ("1", Int.max, nil),
            ("1", Int.min, nil),
        ] as [(String, Int, Int64?)])
    func scaling(text: String, decimals: Int, value: Int64?) throws {
        #expect(try JSONNumber(parsing: text).scaled(decimals: decimals) == value)
    }

    @Test(
        "with an absurd exponent or length is answered at once",
        arguments: [
            ("1e999999999", nil), ("1e-999999999", nil), ("-0e-99999", 0), ("0e99999999999999999999999", 0),
            ("1e99999999999999999999999999999999999999", nil), ("1e-99999999999999999999999999999999999999", nil),
            (String(repeating: "1", count: 10_000), nil), ("0." + String(repeating: "0", count: 10_000) + "1", nil),
            ("0." + String(repeating: "0", count: 9_999) + "1e10000", 1),
            ("1" + String(repeating: "0", count: 10_000) + "e-10000", 1),
            ("1." + String(repeating: "0", count: 1_000_000), 1),
            ("1" + String(repeating: "0", count: 1_000_000) + "1e-1000001", nil),
            ("0e" + String(repeating: "9", count: 1_000_000), 0),
        ] as [(String, Int64?)])
    func absurd(text: String, value: Int64?) throws {
        let number = try JSONNumber(parsing: text)
        let time = ContinuousClock().measure {
            #expect(number.int64 == value)
            #expect(!number.double.isNaN)
        }
        #expect(time < .seconds(10))
    }

    @Test(
        "is the nearest double, infinite beyond the largest and zero below the smallest",
        arguments: [
            ("1.5", 1.5), ("-0", -0.0), ("1e999", Double.infinity), ("-1e999", -Double.infinity), ("1e-999", 0),
            ("0.1", 0.1), ("123456789012345678901234567890", 0x1.8ee90ff6c373ep96),
        ] as [(String, Double)])
    func double(text: String, value: Double) throws { #expect(try JSONNumber(parsing: text).double == value) }
}
