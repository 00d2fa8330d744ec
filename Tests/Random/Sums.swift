import BerthCore
import BerthModel

/// What several hold together, added up in other code than the core's.
struct Sums {
    private var amounts: [ResourceType: Int64] = [:]
    private var nodeMemory: [Int: Int64] = [:]
    private var units: [String: Int64] = [:]
    private var owners: [Int: Int] = [:]
    private var writes: Int64 = 0
    /// Whether memory that may be on one node or another counts on each.
    private let countsEither: Bool

    /// - Parameter countsEither: whether memory that may be on one node or another counts on each, and not on none
    init(countsEither: Bool = false) { self.countsEither = countsEither }

    mutating func add(_ grant: Grant) {
        for hold in grant.holds {
            amounts[hold.type, default: 0] += hold.amount.units
            if hold.type == .memory, let nodes = hold.nodes, countsEither || nodes.count == 1 {
                for node in nodes { nodeMemory[node, default: 0] += hold.amount.units }
            }
            for share in hold.units { units[share.name, default: 0] += share.quantity.units }
            for cpu in hold.cpus.map(Array.init) ?? [] { owners[cpu, default: 0] += 1 }
        }
        for ask in grant.storage { writes += ask.rates.write?.units ?? 0 }
    }

    /// What is overbooked; nil where all of it can be held at once.
    func excess(of capacity: Capacity) -> String? {
        let most: [ResourceType: Int64] = [
            .cpu: capacity.cpu.units - capacity.reservedCPU.units, .memory: 1000, .pids: 500,
        ]
        for (type, most) in most where amounts[type] ?? 0 > most { return "\(type) is overbooked" }
        for (node, held) in nodeMemory where held > 500 { return "the memory of node \(node) is overbooked" }
        for (name, held) in units where held > 1000 { return "\(name) is overbooked" }
        if let cpu = owners.first(where: { $0.value > 1 })?.key { return "CPU \(cpu) is overbooked" }
        return writes > 100 ? "sda is overbooked" : nil
    }
}
