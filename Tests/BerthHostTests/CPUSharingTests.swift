import BerthModel
import Testing

@testable import BerthHost

@Suite("Groups of CPUs") struct CPUSharingTests {
    @Test("are told apart by their online members, whether written as list or mask")
    func groups() throws {
        let reader = try ComputeTree([:]).reader()
        var sharing = CPUSharing(online: [0, 1, 2, 3])
        #expect(sharing.number(("core_cpus_list", "0,2"), of: 0, reader) == 0)
        #expect(sharing.number(("core_cpus_list", "1,3"), of: 1, reader) == 1)
        #expect(sharing.number(("core_cpus", "5"), of: 2, reader) == 0)
        #expect(sharing.number(("core_cpus_list", "1,3,9"), of: 3, reader) == 1)
        #expect(reader.problems.isEmpty)
    }

    @Test("of the same text are different as list and as mask")
    func ambiguity() throws {
        let reader = try ComputeTree([:]).reader()
        var sharing = CPUSharing(online: CPUSet(0..<16))
        #expect(sharing.number(("a_list", "10"), of: 10, reader) == 0)
        #expect(sharing.number(("a", "10"), of: 4, reader) == 1)
    }

    @Test("that are malformed or lack the CPU itself are unknown, and noted once")
    func faults() throws {
        let reader = try ComputeTree([:]).reader()
        var sharing = CPUSharing(online: [0, 1, 2])
        for cpu in 0..<3 { #expect(sharing.number(("x_list", "0-"), of: cpu, reader) == nil) }
        #expect(reader.problems.count == 1)
        #expect(sharing.number(("x_list", "0"), of: 1, reader) == nil)
        #expect(sharing.number(("x_list", "0"), of: 2, reader) == nil)
        #expect(sharing.number(("x_list", "0"), of: 0, reader) == 0)
        #expect(reader.problems.count == 2)
        #expect(sharing.number(nil, of: 0, reader) == nil)
    }
}
