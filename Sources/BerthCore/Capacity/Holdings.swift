package import BerthModel

/// What all reservations together hold, as sums: small, so that a decision may copy it and try something.
package struct Holdings: Hashable, Sendable {
    /// CPU time held in shares.
    package private(set) var sharedCPU = Quantity.zero
    /// CPUs held exclusively.
    package private(set) var exclusiveCPUs = CPUSet()
    /// What of both is never held at one time, in what is the most of several.
    private var twiceCPU: Int64 = 0
    /// What is held of both at the first of several times; nil where it is of one time.
    package private(set) var firstCPU: FirstCPU?
    /// Memory held, bound to a node or not.
    package private(set) var memory = Quantity.zero
    /// Memory held that the kernel must never take back.
    package private(set) var hardMemory = Quantity.zero
    /// Memory held that is bound to one node, by node.
    package private(set) var nodeMemory: [Int: Quantity] = [:]
    /// What is held of units that are held whole, by type and name: GPUs and what plugins provide.
    package private(set) var units: [ResourceType: [String: Quantity]] = [:]
    /// What is not to be had though nobody holds it: what is under maintenance at one time or another.
    var withheld = Withheld()
    // What may have no stated capacity is granted without end.
    private var pidsSum = QuantitySum()
    private var networkSums: [String: QuantitySum] = [:]
    private var storageSums: [String: [String: QuantitySum]] = [:]

    package init() {}

    /// What is held of CPUs at the first of several times.
    package struct FirstCPU: Hashable, Sendable {
        /// CPU time held in shares.
        package let shared: Quantity
        /// CPUs held exclusively.
        package let exclusive: CPUSet
    }

    /// CPU time held in all: shares, and a thousand millicores for each exclusive CPU.
    package var cpu: Quantity { Quantity(sharedCPU.units + Int64(exclusiveCPUs.count) * 1000 - twiceCPU) }

    /// Processes and threads held.
    package var pids: Quantity { pidsSum.quantity }

    /// GPUs held, by unit.
    package var gpus: [String: Quantity] { units[.gpu] ?? [:] }

    /// Bandwidth held, by interface.
    package var network: [String: Quantity] { networkSums.mapValues(\.quantity) }

    /// Rates held, by disk.
    package var storage: [String: StorageRates] {
        storageSums.mapValues { sums in
            var rates = StorageRates()
            for rate in StorageRates.all { rates[keyPath: rate.path] = sums[rate.name]?.quantity }
            return rates
        }
    }

    /// How much of a type is held in all.
    package subscript(type: ResourceType) -> Quantity {
        switch type {
        case .cpu: cpu
        case .memory: memory
        case .pids: pids
        case .network: network.values.reduce(.zero, +)
        case .storage: .zero
        default: units[type]?.values.reduce(.zero, +) ?? .zero
        }
    }

    /// Takes a grant into the sums.
    package mutating func add(_ grant: Grant) { change(by: grant, sign: 1) }

    /// Takes a grant that is in the sums out of them.
    package mutating func remove(_ grant: Grant) { change(by: grant, sign: -1) }

    /// Makes it, of each thing, the more of the two: what is held at one time or another.
    mutating func formMaximum(_ other: Holdings) {
        withheld.formUnion(other.withheld)
        firstCPU = firstCPU ?? FirstCPU(shared: sharedCPU, exclusive: exclusiveCPUs)
        let cpu = max(cpu, other.cpu)
        sharedCPU = max(sharedCPU, other.sharedCPU)
        exclusiveCPUs = exclusiveCPUs.union(other.exclusiveCPUs)
        twiceCPU = sharedCPU.units + Int64(exclusiveCPUs.count) * 1000 - cpu.units
        memory = max(memory, other.memory)
        hardMemory = max(hardMemory, other.hardMemory)
        pidsSum.formMaximum(other.pidsSum)
        // Most hold nothing of most of these, and merging that is most of what this costs.
        if !other.nodeMemory.isEmpty { nodeMemory.merge(other.nodeMemory) { max($0, $1) } }
        if !other.units.isEmpty { units.merge(other.units) { $0.merging($1) { max($0, $1) } } }
        if !other.networkSums.isEmpty { networkSums.merge(other.networkSums) { $0.maximum($1) } }
        if !other.storageSums.isEmpty {
            storageSums.merge(other.storageSums) { $0.merging($1) { $0.maximum($1) } }
        }
    }

    /// Takes in what others hold besides.
    mutating func add(_ other: Holdings) {
        sharedCPU += other.sharedCPU
        exclusiveCPUs = exclusiveCPUs.union(other.exclusiveCPUs)
        twiceCPU += other.twiceCPU
        memory += other.memory
        hardMemory += other.hardMemory
        nodeMemory.merge(other.nodeMemory) { $0 + $1 }
        units.merge(other.units) { $0.merging($1) { $0 + $1 } }
        pidsSum += other.pidsSum
        networkSums.merge(other.networkSums) { $0.adding($1) }
        storageSums.merge(other.storageSums) { $0.merging($1) { $0.adding($1) } }
    }

    /// Whether less of a type is held than in another, of anything of it.
    func isLess(than other: Holdings, of type: ResourceType) -> Bool {
        func isLess<Key: Hashable>(_ held: [Key: Quantity], than other: [Key: Quantity]) -> Bool {
            other.contains { held[$0.key] ?? .zero < $0.value }
        }
        if withheld != other.withheld { return true }
        return switch type {
        case .cpu: cpu < other.cpu || sharedCPU < other.sharedCPU || !other.exclusiveCPUs.isSubset(of: exclusiveCPUs)
        case .memory: memory < other.memory || isLess(nodeMemory, than: other.nodeMemory)
        case .pids: pids < other.pids
        case .network: isLess(network, than: other.network)
        case .storage: storageSums != other.storageSums
        default: isLess(units[type] ?? [:], than: other.units[type] ?? [:])
        }
    }

    private mutating func change(by grant: Grant, sign: Int64) {
        for hold in grant.holds {
            let amount = Quantity(hold.amount.units * sign)
            switch hold.type {
            case .cpu:
                if let cpus = hold.cpus {
                    exclusiveCPUs = sign > 0 ? exclusiveCPUs.union(cpus) : exclusiveCPUs.subtracting(cpus)
                } else {
                    sharedCPU += amount
                }
            case .memory:
                memory += amount
                if hold.terms.guarantee == .hard { hardMemory += amount }
                // On its way from one node to another it may be on either.
                for node in hold.nodes ?? [] { nodeMemory[node] = Holdings.sum(nodeMemory[node], amount) }
            case .pids: pidsSum += amount
            case .network:
                for share in hold.units {
                    Holdings.change(&networkSums, share.name, by: Quantity(share.quantity.units * sign))
                }
            case .storage: break
            default:
                for share in hold.units {
                    let quantity = Quantity(share.quantity.units * sign)
                    let sum = Holdings.sum(units[hold.type]?[share.name], quantity)
                    units[hold.type, default: [:]][share.name] = sum
                }
                if units[hold.type]?.isEmpty == true { units[hold.type] = nil }
            }
        }
        for ask in grant.storage {
            var sums = storageSums[ask.device] ?? [:]
            for rate in StorageRates.all {
                guard let quantity = ask.rates[keyPath: rate.path] else { continue }
                Holdings.change(&sums, rate.name, by: Quantity(quantity.units * sign))
            }
            storageSums[ask.device] = sums.isEmpty ? nil : sums
        }
    }

    private static func change(_ sums: inout [String: QuantitySum], _ name: String, by amount: Quantity) {
        var sum = sums[name] ?? QuantitySum()
        sum += amount
        sums[name] = sum.isZero ? nil : sum
    }

    /// The sum; nil for nothing, so that holdings with the same content are equal.
    private static func sum(_ held: Quantity?, _ amount: Quantity) -> Quantity? {
        let sum = (held ?? .zero) + amount
        return sum == .zero ? nil : sum
    }
}
