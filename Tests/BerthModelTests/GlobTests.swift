import Support
import Testing

@testable import BerthModel

@Suite("A pattern")
struct GlobTests {
    @Test(
        "matches a text as a whole",
        arguments: [
            ("A100", "A100"), ("*", ""), ("*", "any"), ("", ""), ("*A100*", "NVIDIA A100-SXM4-80GB"), ("A*0", "A100"),
            ("A?00", "A100"), ("??", "é!"), ("a**b", "ab"), ("*?", "x"), ("?*?", "xy"), ("*ab*ab", "abab"),
            ("[a]", "[a]"),
            ("a.c", "a.c"), ("*\n*", "a\nb"), ("GPU-*-1", "GPU-1-1-1"),
        ])
    func matching(pattern: String, text: String) throws { #expect(try #require(Glob(pattern)).matches(text)) }

    @Test(
        "matches no other",
        arguments: [
            ("A100", "a100"), ("A100", "NVIDIA A100"), ("A100*", "NVIDIA A100"), ("?", ""), ("?", "ab"), ("", "a"),
            ("a*b", "abc"), ("*ab*ab", "ab"), ("[a]", "a"), ("a.c", "abc"), ("é", "e"),
        ])
    func other(pattern: String, text: String) throws { #expect(try !#require(Glob(pattern)).matches(text)) }

    @Test("has at most 63 characters")
    func longest() throws {
        let text = String(repeating: "a", count: 63)
        #expect(try #require(Glob(text)).matches(text))
        #expect(try !#require(Glob(text)).matches(text + "a"))
        #expect(Glob(text + "a") == nil && Glob(text + "*") == nil)
        #expect(Glob(String(repeating: "*", count: 1 << 20)) == nil)
    }

    @Test("of random characters matches what a plain search says")
    func random() throws {
        var generator = SeededGenerator.named("patterns")
        func draw(_ characters: String, _ most: Int) -> String {
            let count = Int.random(in: 0...most, using: &generator)
            return String((0..<count).compactMap { _ in characters.randomElement(using: &generator) })
        }
        var matches = 0
        for _ in 0..<50_000 {
            let (pattern, text) = (draw("aabb*?é", 9), draw("aaabbé", 10))
            let found = try #require(Glob(pattern)).matches(text)
            matches += found ? 1 : 0
            let expected = GlobTests.search(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
            #expect(found == expected, "\"\(pattern)\" and \"\(text)\", \(generator.note)")
        }
        #expect(matches > 500, "\(generator.note)")
    }

    private static func search(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return search(pattern.dropFirst(), text) || !text.isEmpty && search(pattern, text.dropFirst())
        }
        guard let character = text.first, first == "?" || first == character else { return false }
        return search(pattern.dropFirst(), text.dropFirst())
    }

    @Test("takes no longer for a hostile one")
    func hostile() throws {
        let text = String(repeating: "a", count: 1 << 20)
        func time(_ pattern: String) throws -> Duration {
            let glob = try #require(Glob(pattern))
            return ContinuousClock().measure { #expect(glob.matches(text) == !pattern.hasSuffix("b")) }
        }
        let plain = try time("a*")
        #expect(try time(String(repeating: "*a", count: 31) + "b") < plain * 10 + .milliseconds(200))
        #expect(try time(String(repeating: "*?", count: 31) + "b") < plain * 10 + .milliseconds(200))
    }
}
