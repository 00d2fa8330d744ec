import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("A leaf") struct LeafTests {
    private let number = Host.DeviceNumber(major: 254, minor: 0)

    /// Applies a plan for one disk to a folder that looks like a leaf; what was written, and what is told of it.
    private func apply(
        _ ask: StorageAsk, weighed: Bool, isNew: Bool, _ files: [String: String]
    ) async throws -> (written: [String], told: [String: String]) {
        var tree = TreeFacts()
        tree.devices = ["vda": number]
        tree.disks.weighed = weighed ? [number] : []
        let leaf = Leaf(try Group(at: try PlantedTree(files).folder), isExclusive: false)
        let group = leaf.group
        var written: [String] = []
        let plan = LeafPlan(Grant(storage: [ask]), user: 0, on: tree)
        let told = try await leaf.apply(plan, isNew: isNew) { (value, file) throws(KernelError) in
            written.append("\(file)=\(value)")
            if file == IOWeight.file, !weighed { throw KernelError("write \"\(value)\" to", file, code: 95) }
            try group.write(value, to: file)
        }
        return (written, told[0])
    }

    private let weight = StorageAsk(device: "vda", weight: 500)
    private let ceiling = StorageAsk(device: "vda", rates: StorageRates(write: Quantity(5)))
    private let line = "254:0 rbps=max wbps=5 riops=max wiops=max"

    @Test("tells the group's own weight where the kernel takes none of a disk, and nothing where it knows none")
    func refused() async throws {
        let none = try await apply(weight, weighed: false, isNew: true, ["io.weight": "default 100\n"])
        #expect(none.told == ["io.weight": "default 100"] && none.written == ["io.weight=254:0 500"])
        let old = try await apply(weight, weighed: false, isNew: true, ["io.max": "\n"])
        #expect(old.told == [:] && old.written == [])
        await #expect(throws: KernelError.self) {
            try await apply(weight, weighed: true, isNew: true, ["io.max": "\n"])
        }
    }

    @Test("that is new has nothing to take away, and another only what is there")
    func cleared() async throws {
        let files = ["io.max": "\n", "io.weight": "default 100\n254:0 500\n"]
        let new = try await apply(ceiling, weighed: true, isNew: true, files)
        #expect(new.written == ["io.max=\(line)"] && new.told == ["io.max": line])
        let changed = try await apply(ceiling, weighed: true, isNew: false, files)
        #expect(changed.written == ["io.max=\(line)", "io.weight=254:0 default"] && changed.told == ["io.max": line])
        let held = ["io.max": line + "\n", "io.weight": "default 100\n"]
        #expect(try await apply(ceiling, weighed: true, isNew: false, held).written == [])
    }

    @Test("with a weight alone has no ceiling any more")
    func weightAlone() async throws {
        let files = ["io.max": line + "\n", "io.weight": "default 100\n"]
        let changed = try await apply(weight, weighed: true, isNew: false, files)
        #expect(changed.written == ["io.weight=254:0 500", "io.max=254:0 rbps=max wbps=max riops=max wiops=max"])
        #expect(changed.told == ["io.weight": "254:0 500"])
    }
}
