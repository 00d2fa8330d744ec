import BerthCore
import BerthModel
import Testing

@testable import BerthHost

@Suite("What the groups above protect")
struct MemoryProtectionTests {
    @Test("covers what is held: memory.low in sixteenths of the host, memory.min to the page")
    func sums() {
        var held = Holdings()
        held.add(Grant([Hold(.memory, amount: Quantity(10_000), limit: nil)]))
        let hard = Grant([
            Hold(.memory, amount: Quantity(5000), limit: nil, terms: MemoryTerms(guarantee: .hard))
        ])
        held.add(hard)
        let memory = Quantity(16 << 20)
        #expect(MemoryProtection(held, of: memory, pageBytes: 4096) == MemoryProtection(low: 1 << 20, hard: 8192))
        held.remove(hard)
        #expect(MemoryProtection(held, of: memory, pageBytes: 4096) == MemoryProtection(low: 1 << 20, hard: 0))
        #expect(MemoryProtection(Holdings(), of: memory, pageBytes: 4096) == MemoryProtection())
    }
}
