import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The plan of a leaf that plugins narrow") struct LeafPlanNarrowingTests {
    private let number = Host.DeviceNumber(major: 254, minor: 0)

    private func tree() -> TreeFacts {
        var tree = TreeFacts()
        tree.devices = ["vda": number, "vdb": Host.DeviceNumber(major: 254, minor: 16)]
        tree.disks.unaccounted = [:]
        return tree
    }

    private func type(_ name: String = "seat") throws -> ResourceType { try #require(ResourceType("a.b/\(name)")) }

    private func seat(_ name: String = "seat") throws -> Hold { Hold(try type(name), amount: Quantity(1), limit: nil) }

    private func disk(_ name: String, _ write: Int64) -> StorageAsk {
        StorageAsk(device: name, rates: StorageRates(write: Quantity(write)))
    }

    private func texts(_ part: LeafPlan.Part?) -> [String] { part?.knobs.map { "\($0.file)=\($0.value)" } ?? [] }

    @Test("holds in every part what all together leave")
    func met() throws {
        let memory = Hold(.memory, amount: Quantity(4096), limit: Quantity(4096))
        let pids = Hold(.pids, amount: Quantity(100), limit: Quantity(100))
        let grant = Grant([memory, pids, try seat(), try seat("set")], storage: [disk("vda", 9)])
        let plan = LeafPlan(
            grant,
            [
                try type(): Narrowing(nodes: [0, 1], pids: Quantity(64), storage: [disk("vda", 5), disk("vdb", 7)]),
                try type("set"): Narrowing(nodes: [1], pids: Quantity(80)),
            ], user: 1, on: tree())
        func part(_ type: ResourceType) -> LeafPlan.Part? { plan.parts.first { $0.type == type } }
        let line = "io.max=254:0 rbps=max wbps=5 riops=max wiops=max"
        #expect(texts(part(.memory)).last == "cpuset.mems=1")
        #expect(texts(part(.pids)) == ["pids.max=64"])
        #expect(texts(part(.storage)) == [line])
        #expect(
            texts(part(try type())) == [
                "cpuset.mems=1", "pids.max=64", line, "io.max=254:16 rbps=max wbps=7 riops=max wiops=max",
            ])
        #expect(texts(part(try type("set"))) == ["cpuset.mems=1", "pids.max=64"])
        let own = try #require(part(try type()))
        #expect(own.doubt == nil && own.unsupported == nil)
        // None is written over another's.
        #expect(plan.unasked == nil)
    }

    @Test("keeps the ceiling of who asks for no processes, but where a plugin has a lower one")
    func unasked() throws {
        let grant = Grant([try seat()])
        let narrowing = [try type(): Narrowing(nodes: [0])]
        #expect(LeafPlan(grant, narrowing, user: 1, on: tree()).unasked?.value == "4096")
        #expect(LeafPlan(grant, [try type(): Narrowing(pids: Quantity(9))], user: 1, on: tree()).unasked == nil)
    }

    @Test("says what cannot be set")
    func missing() throws {
        var tree = tree()
        tree.missing = ["pids": "no pids", "cpuset": "no cpuset"]
        let grant = Grant([try seat()])
        func part(_ narrowing: Narrowing) throws -> LeafPlan.Part {
            LeafPlan(grant, [try type(): narrowing], user: 1, on: tree).parts[0]
        }
        let none = try part(Narrowing(nodes: [0], pids: Quantity(5)))
        let reason = "cpuset.mems cannot be set: no cpuset; pids.max cannot be set: no pids"
        #expect(none.knobs.isEmpty && none.unsupported == reason)
        let some = try part(Narrowing(pids: Quantity(5), storage: [disk("vda", 1)]))
        #expect(some.knobs.count == 1 && some.doubt == "pids.max cannot be set: no pids" && some.unsupported == nil)
        tree.missing = [:]
        tree.disks.unaccounted = ["vda": ["/mnt (vfat)"]]
        #expect(try part(Narrowing(storage: [disk("vda", 1)])).doubt?.contains("/mnt (vfat)") == true)
    }

    @Test("says where nodes that were granted since are none of a plugin's")
    func nodes() throws {
        let memory = Hold(.memory, amount: Quantity(4096), limit: Quantity(4096), nodes: [1])
        let plan = LeafPlan(Grant([memory, try seat()]), [try type(): Narrowing(nodes: [0])], user: 1, on: tree())
        #expect(texts(plan.parts.last) == ["cpuset.mems=1"])
        #expect(plan.parts.last?.doubt == "cpuset.mems is not 0: 1 was granted since")
    }

    @Test("takes away what plugins narrowed before, and nothing that is held")
    func unnarrowed() throws {
        let lines = try IOMax.lines(
            parsing: """
                254:0 rbps=max wbps=5 riops=max wiops=max
                254:16 rbps=max wbps=7 riops=max wiops=max
                """)
        func left(_ grant: Grant, _ narrowing: Narrowing = Narrowing(), user: UInt32 = 0) throws -> [String] {
            let narrowings = narrowing.isEmpty ? [:] : [try type(): narrowing]
            return LeafPlan(grant, narrowings, user: user, on: tree()).unnarrowed(lines).map {
                "\($0.file)=\($0.value)"
            }
        }
        let both = ["254:0", "254:16"].map { "io.max=\($0) rbps=max wbps=max riops=max wiops=max" }
        #expect(try left(Grant([try seat()])) == ["pids.max=max", "cpuset.mems="] + both)
        #expect(try left(Grant([try seat()]), user: 1) == ["cpuset.mems="] + both)
        let memory = Hold(.memory, amount: Quantity(1), limit: nil, nodes: [1])
        let pids = Hold(.pids, amount: Quantity(1), limit: nil)
        #expect(try left(Grant([memory, pids], storage: [disk("vda", 5)])) == [both[1]])
        let all = Narrowing(nodes: [0], pids: Quantity(1), storage: [disk("vda", 1), disk("vdb", 1)])
        #expect(try left(Grant([try seat()]), all) == [])
    }

    @Test("leaves what plugins narrow as it is when a grant gives up the same")
    func leftovers() throws {
        let former = Grant(
            [
                Hold(.memory, amount: Quantity(1), limit: nil, nodes: [1]),
                Hold(.pids, amount: Quantity(9), limit: nil),
                try seat(),
            ], storage: [disk("vda", 9)])
        let grant = Grant([try seat()])
        func files(_ narrowing: Narrowing) -> [String] {
            LeafPlan.leftovers(of: former, in: grant, narrowing, on: tree()).map(\.file)
                .filter { ["pids.max", "cpuset.mems", "io.max", "io.weight"].contains($0) }
        }
        #expect(files(Narrowing()) == ["pids.max", "cpuset.mems", "io.max", "io.weight"])
        let narrowing = Narrowing(nodes: [1], pids: Quantity(5), storage: [disk("vda", 1)])
        #expect(files(narrowing) == ["io.weight"])
    }

    @Test("is told of by the receipt of the plugin's type, as far as all of it is held")
    func receipt() async throws {
        let type = try type()
        let group = try Group(at: try PlantedTree(["pids.max": "max\n", "io.max": "\n", "cpuset.mems": "\n"]).folder)
        let narrowing = Narrowing(nodes: [0], pids: Quantity(5), storage: [disk("vda", 1), disk("vdb", 2)])
        let plan = LeafPlan(Grant([try seat()]), [type: narrowing], user: 1, on: tree())
        let told = try await Leaf(group, isExclusive: false).apply(plan, isNew: true) {
            (value, file) throws(KernelError) in
            try group.write(value, to: file)
        }
        #expect(
            told[0] == [
                "pids.max": "5", "cpuset.mems": "0",
                "io.max": "254:0 rbps=max wbps=1 riops=max wiops=max\n254:16 rbps=max wbps=2 riops=max wiops=max",
            ])
    }

    @Test("has a receipt that devices join, which is worth what is held least of the two")
    func devices() throws {
        let type = try type()
        let device = try DeviceNode(parsing: "c 1:5")
        let devices = ManagedDevices.Plan(denied: [], allowed: [type: [device]])
        func joined(_ receipt: Receipt, _ outcome: DeviceFilters.Outcome = .none) -> Receipt {
            receipt.with(devices, outcome)
        }
        let counted = joined(Receipt(type, status: .unsupported, reason: LeafPlan.counted(type)))
        #expect(counted.status == .enforced && counted.reason == nil && counted.devices == [device])
        let held = joined(Receipt(type, status: .enforced, values: ["pids.max": "5"]))
        #expect(held.status == .enforced && held.values == ["pids.max": "5"] && held.devices == [device])
        let doubted = joined(Receipt(type, status: .advisory, reason: "a doubt", values: ["pids.max": "5"]))
        #expect(doubted.status == .advisory && doubted.reason == "a doubt")
        let missing = joined(Receipt(type, status: .unsupported, reason: "no pids"))
        #expect(missing.status == .advisory && missing.reason == "no pids")
        let failed = joined(Receipt(type, status: .enforced, values: ["pids.max": "5"]), .failed("no BPF"))
        #expect(failed.status == .advisory && failed.reason == "no BPF" && failed.devices == [])
    }
}
