import BerthKernel
import BerthModel
import Testing

@Suite("memory.stat")
struct MemoryStatTests {
    static let text = """
        anon 1
        file 2
        kernel 99
        kernel_stack 3
        pagetables 4
        sec_pagetables 98
        sock 5
        shmem 6
        slab_unreclaimable 7
        pgfault 97

        """

    @Test("each number is found by its own key")
    func values() throws {
        let value = try MemoryStat(parsing: MemoryStatTests.text)
        #expect([value.anon, value.file, value.kernelStack, value.pageTables] == [1, 2, 3, 4])
        #expect([value.sock, value.shmem, value.slabUnreclaimable] == [5, 6, 7])
        #expect(try MemoryStat(parsing: value.description) == value)
    }

    @Test("what this kernel does not count is unknown, not 0")
    func missing() throws {
        let value = try MemoryStat(parsing: "anon 0\n")
        #expect(value.anon == 0 && value.file == nil && value.pageTables == nil && value.sock == nil)
        #expect(value.description == "anon 0")
    }

    @Test("anything else is refused", arguments: ["anon", "anon x", "anon 1\nanon 1", "anon 99999999999999999999"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try MemoryStat(parsing: text) } }
}
