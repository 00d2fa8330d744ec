import BerthJSON
import Support
import Testing

@testable import BerthModel

@Suite("A constraint")
struct ConstraintTests {
    @Test(
        "holds of a fact that is as it says",
        arguments: [
            ("H200", "H200"), (true, true), (1, 1), ("=~a", "~a"), ("==a", "=a"), ("=>=1", ">=1"), ("!", "!"), ("", ""),
            (">=40GiB", 42_949_672_960), ("<=40GiB", 42_949_672_960), (">39.9GiB", 42_949_672_960),
            ("< 50Gbit", 25_000_000_000),
            (">=-1", 0), ("!=H200", "H100"), ("!=1", 2), ("!=1", "1.0"), ("!=true", false), ("!=H200", 1),
            ("!=40GiB", 1),
            ("!=H200", true), ("~*A100*", "NVIDIA A100-SXM4"), (["~*A100*", "!=A100", ">"], nil),
            ([">=1", "<3"], 2), (["!=a"], "b"), (1, .number(JSONNumber(10, decimals: 1))),
        ] as [(JSONValue, JSONValue?)])
    func holding(value: JSONValue, fact: JSONValue?) throws {
        guard let fact else { return }
        #expect(try Constraint(value).holds(of: fact))
    }

    @Test(
        "holds of no other, and of none that is not there",
        arguments: [
            ("H200", "h200"), ("H200", nil), (true, "true"), (false, nil), (1, "1"), ("1", 1),
            (">=40GiB", 42_949_672_959),
            ("<40GiB", 42_949_672_960), (">1", "2"), (">1", true), (">1", nil), ("<9", nil), ("!=a", nil), ("!=a", "a"),
            ("!=1.0", 1), ("!=1KiB", 1024), ("!=true", true), ("!=a", .null), ("!=a", ["b"]), ("~*", nil), ("~*", 1),
            ("~1", 1),
            ("~a", "A"), ([">=1", "<3"], 3), (["!=a", "!=b"], "b"), ("=a", "=a"), ("~*", [:]), (">0", [1]),
        ] as [(JSONValue, JSONValue?)])
    func other(value: JSONValue, fact: JSONValue?) throws { #expect(try !Constraint(value).holds(of: fact)) }

    @Test(
        "that makes no sense is refused with its place and an example",
        arguments: [
            (.null, ""), ([:], ""), ([], ""), ([[1]], "/0"), ([1, .null], "/1"), (">=", ""), (">", ""), ("<", ""),
            ("<=", ""),
            ("!=", ""), ("~", ""), ("=", ""), (">=x", ""), (">=40 GiB", ""), ("<1e", ""), (">", ""), ("> ", ""),
            (["<1", ">=40gib"], "/1"), (">=NaN", ""), (">=0x1", ""), (["a", "~"], "/1"),
            (["1", "2", "3", "4", "5", "6", "7", "8", "9"], ""),
            (.string("~" + String(repeating: "x", count: 64)), ""),
            (.string(">1" + String(repeating: "0", count: 64)), ""),
        ] as [(JSONValue, String)])
    func refusal(value: JSONValue, pointer: String) throws {
        let error = try #require(throws: JSONFieldError.self) { try Constraint(value) }
        #expect(error.pointer.description == pointer)
        #expect(error.expected?.contains("such as") == true && error.description.utf8.count < 300, "\(error)")
    }

    @Test("is kept as it was written", arguments: [">= 40GiB", ["<1e3", "!=7.0"], 7, "~*", "=~a"] as [JSONValue])
    func kept(value: JSONValue) throws {
        let ask = Ask(.gpu, amount: Quantity(1000), constraints: ["a": try Constraint(value)])
        #expect(Resources([ask]).json[JSONPointer(["gpu", "where"])] == ["a": value])
        let grant = Grant([Hold(.gpu, amount: Quantity(1000), limit: nil, constraints: ask.constraints)])
        #expect(grant.json[JSONPointer(["gpu", "where"])] == ["a": value])
        #expect(try Grant.reader.read(grant.json) == grant)
        #expect(try Grant.reader.read(grant.json).resources[.gpu] == ask)
    }

    @Test(
        "of a former release is read, and is equality where it makes no sense today",
        arguments: [">=", "~", "<x", "!="])
    func former(text: String) throws {
        let ledger: JSONValue = ["gpu": ["amount": 1, "where": ["a": .string(text), "b": 1]]]
        let constraint = try #require(try Grant.reader.read(ledger)[.gpu]?.constraints["a"])
        #expect(constraint.json == .string(text))
        #expect(constraint.holds(of: .string(text)) && !constraint.holds(of: "a") && !constraint.holds(of: 1))
        #expect(try Grant.reader.read(ledger).json == ledger)
    }

    @Test("and the opposite one are never both so of a number")
    func opposites() throws {
        var generator = SeededGenerator.named("constraints")
        func draw() -> JSONNumber {
            JSONNumber(.random(in: -99...99, using: &generator), decimals: .random(in: 0...2, using: &generator))
        }
        for _ in 0..<20_000 {
            let (bound, fact) = (draw(), JSONValue.number(draw()))
            func holds(_ text: String) throws -> Bool { try Constraint(.string(text)).holds(of: fact) }
            let note: Comment = "\(bound) and \(fact), \(generator.note)"
            let isEqual = try Constraint(.number(bound)).holds(of: fact)
            #expect(try holds("<\(bound)") != holds(">=\(bound)"), note)
            #expect(try holds(">\(bound)") != holds("<=\(bound)"), note)
            #expect(try holds("!=\(bound)") == !isEqual, note)
            #expect(try holds("<\(bound)") != (holds(">\(bound)") || isEqual), note)
            let all = try Constraint([.string(">=\(bound)"), .string("<=\(bound)")])
            #expect(all.holds(of: fact) == isEqual, note)
        }
    }

    @Test("[fuzz] of damaged text is refused with an example, or kept as it was written")
    func fuzz() throws {
        var generator = Fuzz.generator("constraints")
        let words = [
            ">=", "<=", "<", ">", "!=", "=", "~", "*", "?", "1e", "40GiB", "-", "9999999999999999999999", "\u{0}", "é",
        ]
        var accepted = 0
        for _ in Fuzz.rounds() {
            let bytes = generator.damaged(
                Array("\(words.randomElement(using: &generator) ?? "")40GiB".utf8), words: words)
            let value = JSONValue.string(String(decoding: bytes, as: UTF8.self))
            do throws(JSONFieldError) {
                let constraint = try Constraint(value)
                accepted += 1
                #expect(constraint.json == value)
                for fact in [value, 1, "a", true] as [JSONValue] { _ = constraint.holds(of: fact) }
            } catch {
                #expect(error.expected?.contains("such as") == true, "\(value), \(generator.note)")
            }
        }
        #expect(accepted > 10, "\(generator.note)")
    }

    @Test("on a node is a number of one, or a comparison")
    func node() throws {
        for (value, pointer) in [
            ("0", ""), ("=1", ""), ("~1", ""), (true, ""), (-1, ""), (65_536, ""), ("!=x", ""), ([0, "~1"], "/1"),
            (.number(JSONNumber(15, decimals: 1)), ""),
        ] as [(JSONValue, String)] {
            let error = #expect(throws: JSONFieldError.self) { try Constraint(value).ofNode() }
            #expect(error?.pointer.description == pointer)
        }
        let ask = Ask(.memory, amount: Quantity(1), constraints: ["numa": try Constraint([">=1", "!=2"]).ofNode()])
        #expect(ask.nodes(among: 0..<4) == [1, 3])
        #expect(Ask(.memory, amount: Quantity(1)).nodes(among: 0..<4) == nil)
    }
}
