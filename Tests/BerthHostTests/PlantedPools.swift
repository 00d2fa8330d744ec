import BerthCore
import BerthKernel
import BerthModel

@testable import BerthHost

/// A tree of groups as plain folders: each with the files that a new group has.
final class PlantedPools {
    let tree: PlantedTree
    static let new = [
        "cgroup.controllers": "cpu cpuset memory io pids", "cgroup.subtree_control": "cpu cpuset memory io pids",
        "cgroup.procs": "", "cgroup.events": "populated 0\nfrozen 0", "cpu.weight": "100", "cpu.max": "max 100000",
        "cpuset.cpus": "", "cpuset.cpus.exclusive": "", "memory.low": "0", "memory.min": "0", "memory.max": "max",
        "memory.high": "max", "memory.current": "0", "pids.max": "max",
    ]

    /// - Parameters:
    ///   - groups: below the root; `pool-default` is there, and every pool gets its shared part
    ///   - files: what some files say instead, by path
    init(_ groups: [String] = [], _ changed: [String: String] = [:]) throws {
        var all: [String: String] = [:]
        for group in ["", "pool-default"] + groups {
            let isPool = group.split(separator: "/").last?.hasPrefix("pool-") == true
            for folder in isPool ? [group, group + "/shared"] : [group] {
                all = all + files(in: folder, PlantedPools.new)
            }
        }
        tree = try PlantedTree(all + changed)
    }

    var root: FolderRoot { FolderRoot(path: tree.folder) }

    func read(_ path: String) throws -> String {
        let parts = path.split(separator: "/")
        let folder = ([tree.folder] + parts.dropLast().map(String.init)).joined(separator: "/")
        return try Group(at: folder).read(String(parts.last ?? ""))
    }

    func has(_ path: String) -> Bool { (try? Group(at: "\(tree.folder)/\(path)")) != nil }

    func opened(_ pools: Pools) async throws -> PoolTree {
        let opened = try await PoolTree(root)
        try opened.take(pools)
        return opened
    }
}

extension PoolName {
    /// A name that is one.
    static func named(_ text: String) -> PoolName { PoolName(text) ?? .standard }
}

extension Pool {
    /// A pool of a test.
    static func named(
        _ name: String, in parent: String? = nil, weight: Int = 100, most: [ResourceType: Int64] = [:]
    ) -> Pool {
        var pool = Pool(.named(name), parent: parent.map(PoolName.named))
        pool.weight = weight
        pool.most = most.mapValues { Quantity($0) }
        return pool
    }
}

extension Grant {
    /// Shared CPU time in millicores, and memory in pages.
    static func of(cpu: Int64 = 0, pages: Int64 = 0, hard: Bool = false) -> Grant {
        var holds: [Hold] = []
        if cpu > 0 { holds.append(Hold(.cpu, amount: Quantity(cpu), limit: nil)) }
        let terms = MemoryTerms(guarantee: hard ? .hard : .soft)
        if pages > 0 { holds.append(Hold(.memory, amount: Quantity(pages * 4096), limit: nil, terms: terms)) }
        return Grant(holds)
    }

    /// CPUs of one's own.
    static func alone(_ cpus: CPUSet) -> Grant {
        Grant([Hold(.cpu, amount: Quantity(Int64(cpus.count) * 1000), limit: nil, cpus: cpus)])
    }
}

extension PoolSums.Held {
    init(_ grant: Grant, _ pools: String...) { self.init(grant: grant, pools: pools.map(PoolName.named)) }
}
