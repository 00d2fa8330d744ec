import BerthJSON
import Testing

@testable import berth

@Suite("--where")
struct WhereOptionTests {
    @Test(
        "is a type, a fact and what it must be",
        arguments: [
            ("gpu.model=H200", "gpu", "model", "H200"), ("gpu.vram=1000", "gpu", "vram", 1000),
            ("gpu.ecc=true", "gpu", "ecc", true), ("gpu.vram>=40GiB", "gpu", "vram", ">=40GiB"),
            ("gpu.vram<1", "gpu", "vram", "<1"), ("gpu.model!=H200", "gpu", "model", "!=H200"),
            ("gpu.model~*A100*", "gpu", "model", "~*A100*"), ("gpu.model=~*A100*", "gpu", "model", "~*A100*"),
            ("gpu.model==~a", "gpu", "model", "=~a"), ("gpu.model=a=b>c.d", "gpu", "model", "a=b>c.d"),
            ("acme.example/seat.tier!=2.5", "acme.example/seat", "tier", "!=2.5"), ("gpu.a!b=1", "gpu", "a!b", 1),
            // What is missing behind a sign is the agent's to say, with what would do.
            ("gpu.vram>=", "gpu", "vram", ">="),
        ] as [(String, String, String, JSONValue)])
    func reading(text: String, type: String, fact: String, value: JSONValue) throws {
        let option = try WhereOption(text)
        #expect((option.type, option.fact) == (type, fact))
        #expect(option.value == value)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "gpu", "gpu.vram", "vram>=40GiB", ".vram>1", "gpu.>1", "gpu.vram=", "gpu.vram!", ">",
        ])
    func refusal(text: String) {
        let failure = #expect(throws: CommandFailure.self) { try WhereOption(text) }
        #expect(failure?.status == 2 && failure?.description.contains("gpu.vram>=40GiB") == true)
    }

    @Test(
        "without a type is of the only one whose units are asked for",
        arguments: [
            (["gpu"], "gpu"), (["cpu", "memory", "gpu"], "gpu"), (["memory"], "memory"),
            (["cpu", "acme.example/seat"], "acme.example/seat"), (["cpu", "memory"], nil), (["gpu", "network"], nil),
        ] as [(Set<String>, String?)])
    func untyped(types: Set<String>, type: String?) throws {
        guard let type else {
            let failure = #expect(throws: CommandFailure.self) { try WhereOption("numa=1", of: types) }
            #expect(failure?.status == 2 && failure?.description.contains(" and ") == true)
            return
        }
        let option = try WhereOption("vram>=40GiB", of: types)
        #expect((option.type, option.fact) == (type, "vram") && option.value == ">=40GiB")
    }

    @Test("of one fact given again is all of them")
    func again() throws {
        let constraints = try WhereOption.constraints(["gpu.a>1", "gpu.b=x", "gpu.a<9", "gpu.a!=5", "cpu.a=1"])
        #expect(constraints["gpu"] == ["a": [">1", "<9", "!=5"], "b": "x"])
        #expect(constraints["cpu"] == ["a": 1])
    }

    @Test("is shown as it is written")
    func shown() {
        let facts: JSONValue = ["a": [">=1", "<9"], "b": "x", "c": false, "d": "~*", "e": "=~x", "f": "!=1"]
        #expect(WhereOption.texts(facts) == ["a>=1", "a<9", "b=x", "c=false", "d~*", "e==~x", "f!=1"])
        #expect(WhereOption.texts(nil).isEmpty && WhereOption.texts([1]).isEmpty)
    }
}
