import BerthCore
import BerthJSON
import BerthModel
import Support

/// What one run begins with: a host, a policy with its quotas, and pools.
struct Scenario {
    var capacity: Capacity
    var policy: Policy
    /// What some pools say for themselves.
    var ofPools: [PoolName: Policy] = [:]
    /// The pools beside the default one, as they are in the beginning.
    var pools: [Pool]
    /// What each user may have in all of CPU time; nil is no hard quota.
    var mostOfUser: Int64?
    /// What each user may have of CPU time times milliseconds in each period; nil is no such quota.
    var hoursOfUser: Int64?
    /// The length of such a period, in milliseconds.
    static let period: Int64 = 60_000

    init(_ random: inout SeededGenerator) throws {
        capacity = try Scenario.capacity(&random)
        mostOfUser = Bool.random(using: &random) ? Int64.random(in: 3...7, using: &random) * 1000 : nil
        var quotas = [
            Quota(.each(.user), isHard: true, .reservations(12)),
            Quota(.each(.workflow), isHard: true, .reservations(4)),
            Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(2500))),
            Quota(.each(.group), isHard: false, .amount(.memory, Quantity(300))),
        ].filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
        if let mostOfUser { quotas.append(Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(mostOfUser)))) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            // In whole thousandths of hours, as a configuration says them.
            let hours = Int64.random(in: 6...55, using: &random) * 3_600_000
            hoursOfUser = hours
            quotas.append(Quota(.each(.user), isHard: true, .hours(.cpu, Int128(hours), per: Scenario.period)))
        }
        policy = Scenario.policy(Quotas(quotas), &random)
        pools = Bool.random(using: &random) ? Scenario.pools(&random) : []
        for index in pools.indices where Bool.random(using: &random) {
            let isBound = Bool.random(using: &random)
            let policy = Scenario.policy(
                Quotas(
                    isBound ? [Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(Scenario.mostInPool)))] : []),
                &random)
            pools[index].policy = policy
            ofPools[pools[index].name] = policy
        }
    }

    /// Who goes first, in any of the ways that there are, within these quotas.
    static func policy(_ quotas: Quotas, _ random: inout SeededGenerator) -> Policy {
        let orders: [Policy.Order] = [
            .priority, .fair(remembers: true, overGroups: false), .fair(remembers: false, overGroups: true),
            .weighted(Policy.Weights(groups: ["physics": 3, "arts": 1], users: [1: 5])),
        ]
        let order = orders.randomElement(using: &random) ?? .priority
        // As a configuration can say it: only who remembers forgets.
        let remembers = if case .fair(true, _) = order { true } else { false }
        return Policy(
            order, ageing: Bool.random(using: &random) ? 5000 : 600_000, quotas: quotas,
            groups: [NamedGroup(name: "physics", number: 1), NamedGroup(name: "arts", number: 2)],
            halfLife: remembers ? .random(in: 10_000...20_000, using: &random) : nil)
    }

    /// The default pool, which says who goes first on the host.
    var standard: Pool {
        var pool = Pool(.standard)
        pool.policy = policy
        return pool
    }

    /// What each user may have of CPU time in a pool that says it.
    static let mostInPool: Int64 = 2500

    /// The state before the first command.
    var state: State {
        var state = State()
        state.apply(.booted(boot: "b"), at: Timestamp(milliseconds: 0))
        state.apply(.capacityChanged(capacity), at: Timestamp(milliseconds: 0))
        return state
    }

    /// Eight CPUs in two nodes, and what is commonly found beside them.
    private static func capacity(_ random: inout SeededGenerator) throws -> Capacity {
        let places = (0..<8).map { cpu in
            CPUTopology.Place(cpu: cpu, core: cpu / 2, l3: cpu / 4, die: cpu / 4, package: cpu / 4, node: cpu / 4)
        }
        let isPlaceKnown = Int.random(in: 0..<4, using: &random) > 0
        let gpus = (0..<4).map { (number: Int) in
            Capacity.Unit(
                name: "gpu\(number)", capacity: Quantity(1000), node: isPlaceKnown ? number / 2 : nil,
                capabilities: ["model": number % 2 == 0 ? "A" : "B"])
        }
        return Capacity(
            topology: try CPUTopology(places), cpu: Quantity(8000), memory: Quantity(1000),
            nodeMemory: [0: Quantity(500), 1: Quantity(500)], pids: Quantity(500),
            reservedCPU: Quantity(.random(in: 0...1, using: &random) * 500), gpus: gpus,
            interfaces: (0..<2).map { (number: Int) in
                Capacity.Unit(name: "eth\(number)", capacity: Quantity(1000), node: number)
            },
            disks: [Capacity.Disk(name: "sda", partitions: ["sda1"], rates: StorageRates(write: Quantity(100)))])
    }

    private static func pools(_ random: inout SeededGenerator) -> [Pool] {
        var pools: [Pool] = []
        for number in 0..<3 {
            let kind = Pool.Kind.allCases.randomElement(using: &random) ?? .dynamic
            let parent = number == 2 && Bool.random(using: &random) ? pools.first?.name : nil
            guard let name = PoolName("p\(number)") else { continue }
            pools.append(pool(name, kind, parent, &random))
        }
        return pools
    }

    static func pool(_ name: PoolName, _ kind: Pool.Kind, _ parent: PoolName?, _ random: inout SeededGenerator) -> Pool
    {
        var pool = Pool(name, kind, parent: parent)
        let isWithin = parent != nil
        // In one order, so that the same seed draws the same.
        let parts: KeyValuePairs<ResourceType, Int64> = [.cpu: 2000, .memory: 250, .gpu: 1000]
        for (type, most) in parts where !isWithin {
            if Bool.random(using: &random) { pool.guaranteed[type] = Quantity(most) }
            if kind != .static, Bool.random(using: &random) { pool.most[type] = Quantity(most * 2) }
        }
        if kind == .elastic, Bool.random(using: &random) { pool.giveBack = .preempt }
        return pool
    }
}
