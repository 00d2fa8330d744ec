import BerthJSON
import Support
import Testing

@testable import BerthModel

@Suite("A number that is compared")
struct ExactNumberTests {
    private func exact(_ text: String) throws -> ExactNumber { ExactNumber(try JSONNumber(parsing: text)) }

    @Test(
        "is the same however it is written",
        arguments: [
            ["1000", "1e3", "1000.0", "1E+3", "0.1e4", "10000e-1"], ["0", "-0", "0.000", "0e9", "-0.0e-9"],
            ["-1.5", "-15e-1", "-0.15e1"], ["0.05", "5e-2", "0.0500"],
        ])
    func same(texts: [String]) throws {
        let numbers = try texts.map(exact)
        #expect(Set(numbers).count == 1, "\(numbers)")
        for number in numbers { #expect(number >= numbers[0] && number <= numbers[0]) }
    }

    @Test("is compared exactly, where no double tells")
    func order() throws {
        let rising = [
            "-1e400", "-9007199254740993", "-9007199254740992", "-1", "-0.1", "-1e-400", "0", "1e-400", "1e-399", "0.1",
            "0.10000000000000000000000001", "0.3", "1", "9007199254740992", "9007199254740993", "9007199254740993.5",
            "18446744073709551616", "1e400", "1e401", "1e99999999999999999999",
        ]
        let numbers = try rising.map(exact)
        for (index, left) in numbers.enumerated() {
            for (other, right) in numbers.enumerated() {
                #expect((left < right) == (index < other), "\(rising[index]) and \(rising[other])")
                #expect((left == right) == (index == other), "\(rising[index]) and \(rising[other])")
            }
        }
    }

    @Test("may have behind it what a quantity may")
    func quantity() throws {
        for (text, number) in [
            ("40GiB", "42949672960"), ("40Gi", "42949672960"), ("40G", "40e9"), ("25Gbit", "25e9"),
            ("25Gbit/s", "25e9"),
            ("1.5KiB", "1536"), ("0.1Ki", "102.4"), ("-2k", "-2000"), ("1P", "1e15"), ("1PiB", "1125899906842624"),
            ("99999999999999999999PiB", "112589990684262399998874100093157376"), ("7", "7"), ("7B", "7"),
            ("1e3k", "1e6"),
            ("0TiB", "0"), ("50MiB/s", "52428800"),
        ] {
            #expect(try ExactNumber(quantity: Substring(text)) == exact(number), "\(text)")
        }
        for text in [
            "", "GiB", "4gib", "4 GiB", " 4", "4GiBs", "1.", ".5", "+1", "01", "0x1", "1.5.5", "٤", "4m", "NaN",
            "4\u{0}",
        ] {
            #expect(ExactNumber(quantity: Substring(text)) == nil, "\(text)")
        }
    }

    @Test("of random ones is as whole numbers tell")
    func random() throws {
        var generator = SeededGenerator.named("exact numbers")
        let suffixes: [(String, Int128)] = [
            ("", 1), ("k", 1000), ("Ki", 1024), ("MiB", 1 << 20), ("Gbit", 1_000_000_000),
        ]
        // Of 100 billionths, so that all are whole.
        func draw() throws -> (ExactNumber, Int128, String) {
            let whole =
                Int64.random(in: -1 << 40...1 << 40, using: &generator) >> Int64.random(in: 0...40, using: &generator)
            let decimals = Int.random(in: 0...7, using: &generator)
            let (suffix, factor) = suffixes.randomElement(using: &generator) ?? ("", 1)
            let zeros = String(repeating: "0", count: Int.random(in: 0...2, using: &generator))
            let lexeme = JSONNumber(whole, decimals: decimals).lexeme
            let text = lexeme + (lexeme.contains(".") ? zeros : "") + suffix
            let power = (0..<7 - decimals).reduce(Int128(1)) { power, _ in power * 10 }
            return (try #require(ExactNumber(quantity: Substring(text))), Int128(whole) * power * factor, text)
        }
        for _ in 0..<20_000 {
            let (left, right) = (try draw(), try draw())
            #expect((left.0 < right.0) == (left.1 < right.1), "\(left.2) and \(right.2), \(generator.note)")
            #expect((left.0 == right.0) == (left.1 == right.1), "\(left.2) and \(right.2), \(generator.note)")
        }
    }
}
