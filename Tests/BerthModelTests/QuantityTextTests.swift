import BerthJSON
import BerthModel
import Testing

@Suite("A quantity in text and JSON")
struct QuantityTextTests {
    @Test(
        "is read as a person writes it",
        arguments: [
            (Measure.cpus, "1.5", 1500), (.cpus, "250m", 250), (.cpus, "0.01", 10), (.cpus, "2", 2000),
            (.gpus, "1", 1000), (.gpus, "500m", 500), (.bytes, "4GiB", 4 << 30), (.bytes, "4Gi", 4 << 30),
            (.bytes, "4G", 4_000_000_000), (.bytes, "4GB", 4_000_000_000), (.bytes, "1.5KiB", 1536),
            (.bytes, "512", 512), (.bytes, "512B", 512), (.bytesPerSecond, "50MiB", 50 << 20),
            (.bytesPerSecond, "50MiB/s", 50 << 20), (.operationsPerSecond, "1k", 1000),
            (.bitsPerSecond, "100Mbit", 100_000_000), (.bitsPerSecond, "25Gbit/s", 25_000_000_000),
            (.bitsPerSecond, "1000", 1000), (.count, "7", 7),
        ] as [(Measure, String, Int64)])
    func reading(measure: Measure, text: String, units: Int64) throws {
        #expect(try measure.quantity(parsing: text) == Quantity(units))
        let printed = measure.text(Quantity(units))
        #expect(try measure.quantity(parsing: printed) == Quantity(units), "printed as \(printed)")
    }

    @Test(
        "is refused when it is anything else",
        arguments: [
            (Measure.cpus, ""), (.cpus, "-1"), (.cpus, "+1"), (.cpus, "1.0001"), (.cpus, "1e3"), (.cpus, "1.5m"),
            (.cpus, "."), (.cpus, "1."), (.cpus, ".5"), (.cpus, "1 "), (.cpus, "NaN"), (.cpus, "1k"),
            (.bytes, "0.3"), (.bytes, "4gib"), (.bytes, "4GiBs"), (.bytes, "4Mbit"), (.bytes, "9007199254740992"),
            (.bytes, "99999999999999999999999"), (.bytes, "8388608GiB"), (.bytes, "1.0000000000000000000000001KiB"),
            (.count, "1.5"), (.count, "1k"), (.bitsPerSecond, "1MB"), (.bytes, "4\u{0}GiB"), (.bytes, "٤GiB"),
        ])
    func refusal(measure: Measure, text: String) {
        #expect(throws: ParseError.self) { try measure.quantity(parsing: text) }
    }

    @Test("the largest quantity is taken, and one more is not")
    func largest() throws {
        #expect(try Measure.bytes.quantity(parsing: "9007199254740991") == .largest)
        #expect(try Measure.bytes.quantity(.number(JSONNumber(9_007_199_254_740_991))) == .largest)
        #expect(throws: ParseError.self) { try Measure.bytes.quantity(.number(JSONNumber(9_007_199_254_740_992))) }
    }

    @Test(
        "in JSON is a number in the unit that people count in",
        arguments: [
            (Measure.cpus, Int64(1500), "1.5"), (.cpus, 10, "0.01"), (.cpus, 2000, "2"), (.bytes, 4096, "4096"),
            (.gpus, 1000, "1"),
        ])
    func json(measure: Measure, units: Int64, text: String) throws {
        let value = measure.json(Quantity(units))
        #expect(value.description == text)
        #expect(try measure.quantity(value) == Quantity(units))
    }

    @Test(
        "is cut short for people, never rounded up",
        arguments: [
            (Measure.bytes, 23_129_026_560, "21.5GiB"), (.bytes, 4 << 30, "4GiB"), (.bytes, 1, "1B"),
            (.bytes, 1_099_511_627_775, "1023.9GiB"), (.bytesPerSecond, 5_000_001, "4.7MiB/s"), (.cpus, 1234, "1.234"),
        ] as [(Measure, Int64, String)])
    func short(measure: Measure, units: Int64, text: String) { #expect(measure.shortText(Quantity(units)) == text) }

    @Test("JSON that is no quantity is refused", arguments: ["-1", "1e400", "null", "true", "[]", "\"\"", "0.0001"])
    func jsonRefusal(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(throws: ParseError.self) { try Measure.cpus.quantity(value) }
    }
}
