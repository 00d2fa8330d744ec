import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The plan of a leaf for a disk")
struct LeafPlanStorageTests {
    private let number = Host.DeviceNumber(major: 254, minor: 0)
    private let write = StorageAsk(device: "vda", rates: StorageRates(write: Quantity(5)))
    private let weight = StorageAsk(device: "vda", weight: 500)

    private func tree(_ change: (inout TreeFacts) -> Void = { _ in }) -> TreeFacts {
        var tree = TreeFacts()
        tree.devices = ["vda": number]
        tree.disks.weighed = [number]
        tree.disks.unaccounted = [:]
        change(&tree)
        return tree
    }

    private func part(_ ask: StorageAsk, _ tree: TreeFacts) throws -> LeafPlan.Part {
        try #require(LeafPlan(Grant(storage: [ask]), user: 0, on: tree).parts.first)
    }

    @Test("has a line for what is asked, and takes away what an earlier one may have left")
    func lines() throws {
        let ceiling = try part(write, tree())
        #expect(ceiling.knobs.map(\.value) == ["254:0 rbps=max wbps=5 riops=max wiops=max"])
        #expect(ceiling.cleared.map(\.value) == ["254:0 default"])
        let alone = try part(weight, tree())
        #expect(alone.knobs.map { "\($0.file)=\($0.value)" } == ["io.weight=254:0 500"])
        #expect(alone.cleared.map(\.value) == ["254:0 rbps=max wbps=max riops=max wiops=max"])
        let both = try part(StorageAsk(device: "vda", rates: write.rates, weight: 1), tree())
        #expect(both.knobs.map(\.file) == ["io.max", "io.weight"] && both.cleared.isEmpty)
    }

    @Test("may fail to set a weight only where io.cost is off, and then says what switches it on")
    func weights() throws {
        let on = try part(weight, tree())
        #expect(on.doubt == nil && on.knobs.allSatisfy { !$0.isOptional })
        let off = try part(weight, tree { $0.disks.weighed = [Host.DeviceNumber(major: 8, minor: 0)] })
        #expect(off.doubt?.hasSuffix("echo \"254:0 enable=1\" > /sys/fs/cgroup/io.cost.qos") == true)
        #expect(off.knobs.allSatisfy(\.isOptional) && off.doubt?.contains("bfq") == false)
        let bfq = try part(weight, tree { ($0.disks.weighed, $0.disks.bfq) = ([], ["vda"]) })
        #expect(bfq.doubt?.contains("bfq") == true)
        let unknown = try part(weight, tree { $0.disks.weighed = nil })
        #expect(unknown.doubt?.contains("cannot be seen") == true && unknown.knobs.allSatisfy(\.isOptional))
        #expect(try part(write, tree { $0.disks.weighed = nil }).doubt == nil)
    }

    @Test("is doubted where something mounted from the disk writes back in nobody's name, and nowhere else")
    func writeback() throws {
        let vfat = tree { $0.disks.unaccounted = ["vda": ["/boot/efi (vfat)"]] }
        for ask in [write, weight, StorageAsk(device: "vda", rates: StorageRates(writeOperations: Quantity(1)))] {
            #expect(try part(ask, vfat).doubt?.contains("/boot/efi (vfat)") == true)
            #expect(try part(ask, tree { $0.disks.unaccounted = ["vdb": ["/b (vfat)"]] }).doubt == nil)
        }
        #expect(try part(StorageAsk(device: "vda", rates: StorageRates(read: Quantity(1))), vfat).doubt == nil)
        let many = tree { $0.disks.unaccounted = ["vda": (1...9).map { "/\($0) (vfat)" }] }
        #expect(try part(write, many).doubt?.contains("/3 (vfat) and 6 more") == true)
        #expect(try part(write, tree { $0.disks.unaccounted = nil }).doubt?.contains("cannot be seen") == true)
    }

    @Test("is doubted where the memory controller is missing, by which the kernel knows whose a write is")
    func memory() throws {
        let bare = tree { $0.missing["memory"] = "no memory here" }
        #expect(try part(write, bare).doubt?.hasSuffix("no memory here") == true)
        #expect(try part(StorageAsk(device: "vda", rates: StorageRates(read: Quantity(1))), bare).doubt == nil)
        let both = tree { ($0.missing["memory"], $0.disks.weighed) = ("no memory here", []) }
        #expect(try part(weight, both).doubt?.contains("; ") == true)
    }
}
