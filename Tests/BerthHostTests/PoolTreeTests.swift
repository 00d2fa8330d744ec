import BerthCore
import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The tree of pools")
struct PoolTreeTests {
    private let nested = ["pool-ci", "pool-ci/pool-nightly"]

    @Test("finds the pools that are there, each where it lies")
    func found() async throws {
        let planted = try PlantedPools(nested)
        let tree = try await PoolTree(planted.root)
        #expect(
            tree.places == [
                .standard: "/pool-default", .named("ci"): "/pool-ci", .named("nightly"): "/pool-ci/pool-nightly",
            ])
        #expect(tree.parents == [.named("nightly"): .named("ci")])
        #expect(tree.facts.missing.isEmpty)
    }

    @Test("makes a pool in the one that it lies in, and removes one that is no more and empty")
    func made() async throws {
        // Without files: the kernel would take those away with the folder.
        let planted = try PlantedPools()
        let tree = try await planted.opened(try Pools([.named("a", in: "z"), .named("z")]))
        #expect(planted.has("pool-z/shared") && planted.has("pool-z/pool-a/shared"))
        try tree.take(try Pools([.named("z")]))
        #expect(!planted.has("pool-z/pool-a") && planted.has("pool-z"))
        try tree.take(try Pools([.named("a"), .named("z", in: "a")]))
        #expect(tree.places[.named("z")] == "/pool-a/pool-z" && !planted.has("pool-z"))
        try tree.take(Pools())
        #expect(tree.places == [.standard: "/pool-default"] && planted.has("pool-default/shared"))
    }

    @Test("keeps a pool that is no more, or should lie elsewhere, until its last leaf is gone")
    func kept() async throws {
        let planted = try PlantedPools()
        let tree = try await planted.opened(try Pools([.named("a"), .named("b")]))
        let leaf = "r-000000000001"
        let shared = try #require(tree[.named("b")]?.shared)
        _ = try shared.makeChild(leaf)
        try tree.take(try Pools([.named("a"), .named("b", in: "a")]))
        #expect(planted.has("pool-b/shared/\(leaf)") && tree.home(of: .named("b")) == .named("b"))
        try tree.take(try Pools([.named("a")]))
        #expect(planted.has("pool-b/shared/\(leaf)") && tree.home(of: .named("b")) == .named("b"))
        try shared.removeChild(leaf)
        #expect(try tree.tidy())
        #expect(!planted.has("pool-b") && tree.home(of: .named("b")) == .standard)
    }

    @Test("carries the sums in every pool, weighs the default pool alone by what it holds and others as configured")
    func carried() async throws {
        let planted = try PlantedPools(nested)
        let pools = try Pools([.named("ci", weight: 300), .named("nightly", in: "ci", weight: 50)])
        let tree = try await planted.opened(pools)
        var sums = PoolSums()
        sums.lie(in: tree.parents)
        sums.set(ReservationID(bits: 1), .init(.of(cpu: 500, pages: 2), "nightly"))
        sums.set(ReservationID(bits: 2), .init(.of(cpu: 4000, pages: 1, hard: true), "ci"))
        try tree.carry(sums, in: nil)
        let page = Int(tree.facts.pageBytes / 4096)
        for (file, value) in [
            ("pool-ci/memory.low", 3 * 4096), ("pool-ci/shared/memory.low", 4096), ("pool-ci/memory.min", 4096),
            ("pool-ci/pool-nightly/memory.low", 2 * 4096), ("pool-ci/pool-nightly/memory.min", 0),
            ("pool-ci/cpu.weight", 300), ("pool-ci/shared/cpu.weight", 400), ("pool-ci/pool-nightly/cpu.weight", 50),
            ("pool-default/cpu.weight", 100), ("pool-default/memory.low", 0),
        ] {
            #expect(try planted.read(file) == "\(value * page)", "\(file)")
        }
        let alone = try PlantedPools()
        let trivial = try await alone.opened(Pools())
        var one = PoolSums()
        one.set(ReservationID(bits: 2), .init(.of(cpu: 4000), "default"))
        try trivial.carry(one, in: nil)
        #expect(try alone.read("pool-default/cpu.weight") == "400")
    }

    @Test("keeps exclusive CPUs from the shared part of every pool, and claims them on the way to their leaf alone")
    func exclusive() async throws {
        let planted = try PlantedPools(nested)
        let tree = try await planted.opened(try Pools([.named("ci"), .named("nightly", in: "ci")]))
        var sums = PoolSums()
        sums.lie(in: tree.parents)
        let id = ReservationID(bits: 1)
        for (pools, claimed) in [(["nightly"], "pool-ci/pool-nightly"), (["nightly", "default"], "pool-default")] {
            sums.set(id, PoolSums.Held(grant: .alone([2, 3]), pools: pools.map(PoolName.named)))
            try tree.setExclusive(sums, of: [0, 1, 2, 3])
            for shared in ["pool-default/shared", "pool-ci/shared", "pool-ci/pool-nightly/shared"] {
                #expect(try planted.read("\(shared)/cpuset.cpus") == "0-1", "\(shared)")
            }
            for group in ["pool-default", "pool-ci", "pool-ci/pool-nightly"] {
                let text = try planted.read("\(group)/cpuset.cpus.exclusive")
                #expect(text == (claimed.hasPrefix(group) ? "2-3" : ""), "\(group) for \(pools)")
            }
            #expect(try planted.read("cpuset.cpus.exclusive") == "2-3")
        }
        sums.set(id, nil)
        try tree.setExclusive(sums, of: [0, 1, 2, 3])
        #expect(try planted.read("pool-ci/shared/cpuset.cpus") == "")
        #expect(try planted.read("cpuset.cpus.exclusive") == "" && tree.partitionFailure == nil)
    }
}
