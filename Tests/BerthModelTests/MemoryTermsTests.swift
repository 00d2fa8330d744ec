import BerthJSON
import BerthModel
import Testing

@Suite("What is said of memory besides how much")
struct MemoryTermsTests {
    private func resources(_ text: String, over current: Resources = Resources()) throws -> Resources {
        try ResourceChange.reader.read(try JSONValue(parsing: text)).resolved(over: current)
    }

    private func hold(_ terms: MemoryTerms) -> Grant {
        Grant([Hold(.memory, amount: Quantity(100), limit: Quantity(100), terms: terms)])
    }

    @Test("is read, with words for what nobody writes")
    func reading() throws {
        #expect(try resources(#"{"memory": 1}"#)[.memory]?.terms == MemoryTerms())
        let text = #"{"memory": {"amount": 1, "guarantee": "hard", "swap": "1MiB", "oom": "process"}}"#
        let terms = MemoryTerms(guarantee: .hard, swap: Quantity(1 << 20), oom: .process)
        #expect(try resources(text)[.memory]?.terms == terms)
        #expect(try resources(#"{"memory": {"amount": 1, "swap": 0}}"#)[.memory]?.terms.swap == .zero)
    }

    @Test(
        "is refused with its place where it makes no sense",
        arguments: [
            (#"{"memory": {"amount": 1, "guarantee": "firm"}}"#, "/memory/guarantee"),
            (#"{"memory": {"amount": 1, "oom": true}}"#, "/memory/oom"),
            (#"{"memory": {"amount": 1, "swap": -1}}"#, "/memory/swap"),
            (#"{"cpu": {"amount": 1, "swap": 1}}"#, "/cpu/swap"),
        ])
    func refusal(text: String, pointer: String) throws {
        let error = try #require(throws: JSONFieldError.self) { try resources(text) }
        #expect(error.pointer.description == pointer, "\(error)")
    }

    @Test("stays as it is where a change does not name it")
    func change() throws {
        let current = try resources(#"{"memory": {"amount": 5, "guarantee": "hard", "swap": 7}}"#)
        let changed = try resources(#"{"memory": {"amount": 6, "oom": "process"}}"#, over: current)
        #expect(changed[.memory]?.terms == MemoryTerms(guarantee: .hard, swap: Quantity(7), oom: .process))
        #expect(try resources(#"{"memory": {"guarantee": "soft"}}"#, over: current)[.memory]?.terms.guarantee == .soft)
    }

    @Test("is shown where it says more than silence would")
    func printing() {
        let silent = Hold(.memory, amount: Quantity(1), limit: nil)
        #expect(silent.json.description == #"{"amount":1}"#)
        let all = Hold(
            .memory, amount: Quantity(1), limit: nil,
            terms: MemoryTerms(guarantee: .hard, swap: Quantity(5), oom: .process))
        #expect(all.json.description == #"{"amount":1,"guarantee":"hard","swap":5,"oom":"process"}"#)
    }

    @Test("is given up before it is added, from one grant to another")
    func ways() {
        let hard = MemoryTerms(guarantee: .hard, swap: Quantity(1), oom: .process)
        let soft = MemoryTerms(guarantee: .soft, swap: Quantity(9), oom: .group)
        for (old, new) in [(hard, soft), (soft, hard)] {
            let meet = hold(old).meet(hold(new))[.memory]?.terms
            #expect(meet == MemoryTerms(guarantee: .soft, swap: Quantity(1), oom: old.oom))
            let union = hold(old).union(hold(new))[.memory]?.terms
            #expect(union == MemoryTerms(guarantee: .hard, swap: Quantity(9), oom: new.oom))
        }
    }
}
