import BerthModel
import Testing

@testable import BerthHost

@Suite("Memory that a leaf does not hold")
struct MemoryChargeTests {
    private let receipt = Receipt(.memory, status: .enforced)

    @Test("is told of where it is more than a program's start")
    func told() {
        #expect(MemoryCharge(bytes: 4 << 20).noted(in: receipt) == receipt)
        let noted = MemoryCharge(bytes: 100 << 20).noted(in: receipt)
        #expect(noted.status == .advisory && noted.chargedElsewhere == 100 << 20 && noted.reason != nil)
        #expect(MemoryCharge(bytes: 9 << 20).noted(in: noted).chargedElsewhere == 109 << 20)
    }

    @Test("is told of where a process is never killed for it")
    func exempt() { #expect(MemoryCharge(isExempt: true).noted(in: receipt).status == .advisory) }

    @Test("concerns no other type, and none that nothing holds")
    func others() {
        let charge = MemoryCharge(bytes: 1 << 30, isExempt: true)
        for other in [Receipt(.cpu, status: .enforced), Receipt(.memory, status: .unsupported, reason: "none")] {
            #expect(charge.noted(in: other) == other)
        }
    }
}
