import BerthModel
import Testing

@testable import BerthCore

@Suite("Filling a host") struct FillingTests {
    private func host(_ text: String) throws -> Capacity { try Capacity(made: text) }

    private func part(_ share: Int64) -> TaskShape {
        TaskShape(cpu: Quantity(1000), memory: Quantity(1 << 30), gpus: 1, share: Quantity(share))
    }

    private func cpus(_ count: Int64) -> TaskShape { TaskShape(cpu: Quantity(count * 1000), memory: Quantity(1 << 30)) }

    @Test("takes tasks in their order until fifty in a row are refused", arguments: Filling.Chooser.all)
    func order(chooser: Filling.Chooser) throws {
        let tasks = [cpus(3), cpus(2), cpus(1)] + Array(repeating: cpus(1), count: 60)
        let filling = Filling(try host("cpu=4,memory=64GiB"), with: tasks, by: chooser)
        // 3 fits, 2 does not, 1 does, and fifty more do not.
        #expect((filling.placed, filling.tried) == (2, 53))
        #expect(filling.free.cpu == .zero)
        let few = Filling(try host("cpu=4,memory=64GiB"), with: tasks[..<51], by: chooser)
        #expect((few.placed, few.tried) == (2, 51))
    }

    @Test(
        "by rules differs in which GPU gives a part of itself",
        arguments: [
            (.firstFit, [300, 300, 1000]), (.bestFit, [500, 100, 1000]), (.dotProduct, [500, 100, 1000]),
            (.worstFit, [500, 300, 800]),
        ] as [(Baseline, [Int64])])
    func rules(rule: Baseline, left: [Int64]) {
        var host = BaselineHost(HostFree(cpu: Quantity(9000), memory: Quantity(1 << 40), gpus: [500, 300, 1000]))
        let fits = host.place(part(200), by: rule)
        #expect(fits && host.free.gpus == left && host.free.cpu == Quantity(8000))
        let small = host.place(part(1000), by: rule) && host.place(part(900), by: rule)
        #expect(!small)
    }

    @Test("with whole GPUs is the same for the core and for the rules")
    func wholeGPUs() throws {
        let tasks = (0..<20).map { TaskShape(cpu: Quantity(2000), memory: Quantity(1 << 30), gpus: 1 + $0 % 3) }
        let study = FillingStudy(
            try host("cpu=16,memory=64GiB,gpu=5,numa=2"), tasks, by: Filling.Chooser.all, starts: 20)
        #expect(study.starts == 20)
        for line in study.lines {
            #expect(line.cpu == study.lines[0].cpu && line.gpu == study.lines[0].gpu, "\(line.chooser.name)")
        }
    }

    @Test("from several points of a trace has the means of all")
    func starts() throws {
        let tasks = [cpus(1), cpus(4)] + Array(repeating: cpus(3), count: 60)
        let lines = FillingStudy(try host("cpu=4,memory=64GiB"), tasks, by: [.strategy(.greedy)], starts: 2).lines
        // From the first 1 and 3 fit; from the thirty-first 3 and 1, behind the last.
        #expect(lines.map(\.cpu) == [1] && lines.map(\.placed) == [2] && lines[0].gpu == nil)
    }

    @Test("leaves fragments: what is free and of no use for what comes")
    func fragments() {
        let fragmentation = Fragmentation([part(600), part(600), part(1000), cpus(1)])
        let free = HostFree(cpu: Quantity(9000), memory: Quantity(1 << 40), gpus: [500, 700])
        // 500 for half of them, all for the one that wants a whole GPU and the one that wants none.
        #expect(fragmentation.fragments(free) == 0.5 * 500 + 0.25 * 1200 + 0.25 * 1200)
        let full = HostFree(cpu: .zero, memory: Quantity(1 << 40), gpus: [500, 700])
        #expect(fragmentation.fragments(full) == 1200)
        #expect(fragmentation.fragments(HostFree(cpu: .zero, memory: .zero, gpus: [])) == 0)
    }
}

@Suite("A host that is made up") struct SyntheticHostTests {
    @Test("has what its text says, nothing kept back")
    func made() throws {
        let capacity = try Capacity(made: "gpu=3,numa=2,cpu=6,memory=5GiB")
        #expect(capacity.cpu == Quantity(6000) && capacity.reservedMemory == .zero)
        #expect(
            capacity.memory == Quantity(5 << 30) && capacity.nodeMemory == [0: Quantity(5 << 29), 1: Quantity(5 << 29)])
        #expect(capacity.topology.groups(.node).map(\.cpus) == [[0, 1, 2], [3, 4, 5]])
        #expect(capacity.gpus.map(\.node) == [0, 0, 1] && HostFree(capacity).gpu == Quantity(3000))
    }

    @Test(
        "is no other text",
        arguments: [
            "", "cpu=1", "memory=1GiB", "cpu=0,memory=1", "cpu=1.5,memory=1", "cpu=1,memory=1,cpu=2", "cpu=1,memory=x",
            "cpu=1,memory=1,gpu=-1", "cpu=1,memory=1,numa=2", "cpu=1,memory=1,disk=1", "cpu=5000,memory=1",
            "cpu,memory",
            "cpu=1,memory=1,",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try Capacity(made: text) } }
}

@Suite("The virtual clock") struct VirtualClockTests {
    @Test("goes on when it is told to, and never back")
    func advance() {
        var clock = VirtualClock(start: Timestamp(milliseconds: 5))
        clock.advance(to: 10)
        clock.advance(to: 7)
        #expect(clock.now == Now(wall: Timestamp(milliseconds: 15), uptime: 10))
    }
}
