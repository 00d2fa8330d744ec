package import BerthModel

/// What all reservations together hold, as sums: small, so that a decision may copy it and try something.
package struct Holdings: Hashable, Sendable {
    /// CPU time held in shares.
    package private(set) var sharedCPU = Quantity.zero
    /// CPUs held exclusively.
    package private(set) var exclusiveCPUs = CPUSet()
    /// Memory held, bound to a node or not.
    package private(set) var memory = Quantity.zero
    /// Memory held that is bound to one node, by node.
    package private(set) var nodeMemory: [Int: Quantity] = [:]
    /// Processes and threads held.
    package private(set) var pids = Quantity.zero
    /// GPUs held, by unit.
    package private(set) var gpus: [String: Quantity] = [:]
    /// Bandwidth held, by interface.
    package private(set) var network: [String: Quantity] = [:]
    /// Rates held, by disk.
    package private(set) var storage: [String: StorageRates] = [:]

    package init() {}

    /// CPU time held in all: shares, and a thousand millicores for each exclusive CPU.
    package var cpu: Quantity { Quantity(sharedCPU.units + Int64(exclusiveCPUs.count) * 1000) }

    /// How much of a type is held in all.
    package subscript(type: ResourceType) -> Quantity {
        switch type {
        case .cpu: cpu
        case .memory: memory
        case .pids: pids
        case .gpu: gpus.values.reduce(.zero, +)
        case .network: network.values.reduce(.zero, +)
        default: .zero
        }
    }

    /// Takes a grant into the sums.
    package mutating func add(_ grant: Grant) { change(by: grant, sign: 1) }

    /// Takes a grant that is in the sums out of them.
    package mutating func remove(_ grant: Grant) { change(by: grant, sign: -1) }

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
                if let node = hold.nodes?.first { nodeMemory[node] = Holdings.sum(nodeMemory[node], amount) }
            case .pids: pids += amount
            case .gpu: Holdings.change(&gpus, by: hold, sign: sign)
            case .network: Holdings.change(&network, by: hold, sign: sign)
            default: break
            }
        }
        for ask in grant.storage {
            var rates = storage[ask.device] ?? StorageRates()
            for rate in StorageRates.all {
                guard let quantity = ask.rates[keyPath: rate.path] else { continue }
                rates[keyPath: rate.path] = Holdings.sum(rates[keyPath: rate.path], Quantity(quantity.units * sign))
            }
            storage[ask.device] = rates.isEmpty ? nil : rates
        }
    }

    private static func change(_ units: inout [String: Quantity], by hold: Hold, sign: Int64) {
        for share in hold.units {
            units[share.name] = sum(units[share.name], Quantity(share.quantity.units * sign))
        }
    }

    /// The sum; nil for nothing, so that holdings with the same content are equal.
    private static func sum(_ held: Quantity?, _ amount: Quantity) -> Quantity? {
        let sum = (held ?? .zero) + amount
        return sum == .zero ? nil : sum
    }
}
