import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The plan of a leaf")
struct LeafPlanTests {
    private var tree: TreeFacts {
        var tree = TreeFacts()
        tree.devices = ["vda": Host.DeviceNumber(major: 254, minor: 0)]
        return tree
    }

    private func texts(_ grant: Grant, _ tree: TreeFacts) -> [String] {
        LeafPlan(grant, user: 0, on: tree).parts.flatMap { $0.knobs.map { "\($0.file)=\($0.value)" } }
    }

    @Test("shared CPU time is a weight for the amount and a quota for the limit")
    func sharedCPU() {
        let grant = Grant([Hold(.cpu, amount: Quantity(250), limit: Quantity(750))])
        #expect(texts(grant, tree) == ["cpu.weight=25", "cpu.max=75000 100000"])
        let least = Grant([Hold(.cpu, amount: Quantity(10), limit: Quantity(10))])
        #expect(texts(least, tree) == ["cpu.weight=1", "cpu.max=1000 100000"])
    }

    @Test("weights are scaled down together where the host has more than 100 CPUs")
    func scale() {
        var tree = tree
        tree.weightScale = TreeFacts.weightScale(of: Quantity(480_000))
        #expect(tree.weightScale == 5)
        let grant = Grant([Hold(.cpu, amount: Quantity(480_000), limit: Quantity(480_000))])
        #expect(texts(grant, tree).first == "cpu.weight=9600")
        #expect(TreeFacts.weightScale(of: Quantity(100_000)) == 1)
    }

    @Test("exclusive CPUs are a cpuset and a partition, without a quota")
    func exclusiveCPU() {
        let hold = Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [2, 3], nodes: [1])
        var tree = tree
        #expect(texts(Grant([hold]), tree) == ["cpuset.cpus=2-3", "cpuset.mems=1", "cpuset.cpus.partition=root"])
        tree.hasExclusiveCPUs = true
        #expect(texts(Grant([hold]), tree).contains("cpuset.cpus.exclusive=2-3"))
    }

    @Test("memory is whole pages, protected and limited, without swap, and dies whole")
    func memory() {
        let grant = Grant([Hold(.memory, amount: Quantity(5000), limit: Quantity(10_000))])
        #expect(
            texts(grant, tree) == [
                "memory.min=0", "memory.low=8192", "memory.swap.max=0", "memory.oom.group=1", "memory.high=max",
                "memory.max=12288",
            ])
    }

    @Test("memory that is guaranteed hard is never taken back, swap is what was asked, and one process may die alone")
    func memoryTerms() {
        let terms = MemoryTerms(guarantee: .hard, swap: Quantity(4097), oom: .process)
        let grant = Grant([Hold(.memory, amount: Quantity(4096), limit: Quantity(4096), terms: terms)])
        #expect(
            texts(grant, tree) == [
                "memory.min=4096", "memory.low=4096", "memory.swap.max=8192", "memory.oom.group=0", "memory.high=max",
                "memory.max=4096",
            ])
    }

    @Test("nothing is left of what an earlier grant had and this one has not")
    func leftovers() {
        let kept = Hold(.cpu, amount: Quantity(500), limit: Quantity(500))
        let former = Grant(
            [
                kept, Hold(.memory, amount: Quantity(4096), limit: Quantity(4096)),
                Hold(.pids, amount: Quantity(5), limit: Quantity(5)),
            ], storage: [StorageAsk(device: "vda", rates: StorageRates(write: Quantity(1)))])
        let left = LeafPlan.leftovers(of: former, in: Grant([kept]), on: tree)
        #expect(
            left.map { "\($0.file)=\($0.value)" } == [
                "memory.min=0", "memory.low=0", "memory.oom.group=0", "memory.swap.max=max", "memory.max=max",
                "pids.max=max", "io.max=254:0 rbps=max wbps=max riops=max wiops=max", "io.weight=254:0 default",
            ])
        #expect(LeafPlan.leftovers(of: former, in: former, on: tree) == [])
    }

    @Test("a disk has one line, with max for what is not asked")
    func storage() {
        let grant = Grant([], storage: [StorageAsk(device: "vda", rates: StorageRates(write: Quantity(5_242_880)))])
        #expect(texts(grant, tree) == ["io.max=254:0 rbps=max wbps=5242880 riops=max wiops=max"])
    }

    @Test("what the tree has no controller for is unsupported, with the reason")
    func missing() {
        var tree = tree
        tree.missing = ["io": "no io here"]
        let grant = Grant(
            [Hold(.gpu, amount: Quantity(1000), limit: nil)],
            storage: [StorageAsk(device: "vda", rates: StorageRates(read: Quantity(1)))])
        let parts = LeafPlan(grant, user: 0, on: tree).parts
        #expect(parts.map(\.type) == [.gpu, .storage])
        #expect(parts[0].unsupported != nil && parts[1].unsupported == "no io here" && parts[1].device == "vda")
    }

    @Test("who asks for no processes has a ceiling all the same, but not root")
    func unaskedPids() {
        let grant = Grant([Hold(.cpu, amount: Quantity(1000), limit: nil)])
        #expect(LeafPlan.unaskedPids(grant, user: 1000, on: tree)?.value == "4096")
        #expect(LeafPlan.unaskedPids(grant, user: 0, on: tree) == nil)
        let asked = Grant([Hold(.pids, amount: Quantity(9), limit: nil)])
        #expect(LeafPlan.unaskedPids(asked, user: 1000, on: tree) == nil)
    }
}

@Suite("A knob")
struct KnobTests {
    @Test(
        "is held when the kernel says the same in its own way",
        arguments: [
            (Knob("cpuset.cpus", "2,3", match: .list), "2-3", true),
            (Knob("cpuset.cpus", "2,3", match: .list), "2", false),
            (Knob("cpu.weight", "25"), "25", true), (Knob("cpu.weight", "25"), "100", false),
        ])
    func held(knob: Knob, text: String, isHeld: Bool) { #expect(knob.isHeld(by: text) == isHeld) }

    @Test("of a device's ceilings looks at its own line, and none is no ceiling")
    func device() {
        let device = Host.DeviceNumber(major: 8, minor: 0)
        let line = "8:0 rbps=max wbps=7 riops=max wiops=max"
        let knob = Knob("io.max", line, match: .ceilings(device))
        let file = "254:0 rbps=1 wbps=max riops=max wiops=max\n" + line
        #expect(knob.isHeld(by: file) && knob.part(of: file) == line)
        #expect(!knob.isHeld(by: "254:0 rbps=1 wbps=max riops=max wiops=max"))
        let none = Knob("io.max", "8:0 rbps=max wbps=max riops=max wiops=max", match: .ceilings(device))
        #expect(none.isHeld(by: ""))
    }

    @Test("of a device's weight looks at its own line, and none is the group's")
    func weight() {
        let device = Host.DeviceNumber(major: 8, minor: 0)
        let knob = Knob("io.weight", "8:0 500", match: .weight(device))
        let file = "default 100\n254:0 7\n8:0 500"
        #expect(knob.isHeld(by: file) && knob.part(of: file) == "8:0 500")
        #expect(!knob.isHeld(by: "default 500\n254:0 500") && knob.part(of: "default 500\n254:0 500") == "default 500")
        let none = Knob("io.weight", "8:0 default", match: .weight(device))
        #expect(none.isHeld(by: "default 100\n254:0 7") && !none.isHeld(by: file))
    }
}
