package import BerthModel

/// Chooses which cores an exclusive reservation gets: as near together as they can be had, or evenly over NUMA nodes.
///
/// Of all sets of whole cores with enough CPUs the one is taken that touches the fewest NUMA nodes; among these the
/// fewest packages, then dies, L3 caches, cores. Then counts what stays wholly free for others: the number of nodes,
/// the size of the largest, the same for L3 caches. What is still equal is decided by the distance between the nodes,
/// by the smallest number of CPUs, by how little is left over in the L3 caches and nodes that are touched, and by the
/// lowest numbers. So a half-used place is filled before a free one is broken.
///
/// It has no clock and no chance in it: the same question has the same answer.
package struct CoreChoice: Sendable {
    /// How the cores of one request lie to each other.
    package enum Strategy: Hashable, Sendable {
        /// As near together as can be; also the plain request.
        case together
        /// The fewest NUMA nodes that can share the request evenly, with as many CPUs on each, give or take one core;
        /// of these the fewest packages, then what leaves the nodes most alike. Where nodes cannot share evenly, the
        /// least uneven.
        case balanced
        /// The first by number, wherever they lie.
        case first
    }

    /// What was chosen.
    package struct Answer: Hashable, Sendable {
        /// All CPUs of the reservation, those it held already among them: whole cores with all siblings online.
        package let cpus: CPUSet
        /// Whether no other set has better figures. Not proven where the budget ran out first, which takes a host whose
        /// nodes, packages, dies and caches cross each other, or a balanced request on very many nodes.
        package let exact: Bool
    }

    /// How many small steps a search may take that cannot be bounded otherwise; about 10 ns each.
    package static let budget = 200_000

    let map: CoreMap

    /// - Parameter topology: the CPUs that are online and where they sit; worth keeping the value for many choices
    package init(_ topology: CPUTopology) { map = CoreMap(topology) }

    /// Chooses CPUs for a new reservation, or for one that grows.
    ///
    /// A core of which a sibling is not available is no whole core and is never handed out.
    /// - Parameters:
    ///   - amount: logical CPUs in all, held ones among them; rounded up to whole cores
    ///   - available: CPUs that nobody holds and that may be handed out
    ///   - strategy: how the cores lie to each other
    ///   - nodes: the NUMA nodes that new cores must be of; nil is any
    ///   - held: the CPUs that the reservation has; they stay, and what is added is near them
    ///   - budget: see ``budget``
    /// - Returns: the CPUs; nil when that many cannot be had. What is held already, when that is enough.
    package func choose(
        _ amount: Int, from available: CPUSet, strategy: Strategy = .together, within nodes: CPUSet? = nil,
        keeping held: CPUSet = CPUSet(), budget: Int = CoreChoice.budget
    ) -> Answer? {
        let supply = CoreSupply(map, available: available, held: held, within: nodes)
        guard let choice = choose(amount, supply, strategy, budget) else { return nil }
        return Answer(cpus: supply.held.union(map.cpus(of: choice.cores)), exact: choice.exact)
    }

    /// Chooses what a reservation that shrinks keeps, so that what stays is as near together as possible.
    /// - Parameters:
    ///   - held: the CPUs that the reservation has
    ///   - amount: logical CPUs to keep, rounded up to whole cores
    ///   - free: CPUs that nobody holds, so that a node or cache becomes wholly free where that can be had
    ///   - strategy: how the cores that stay lie to each other
    ///   - budget: see ``budget``
    /// - Returns: the CPUs to keep, all where the amount is no smaller
    package func shrink(
        _ held: CPUSet, to amount: Int, free: CPUSet, strategy: Strategy = .together, budget: Int = CoreChoice.budget
    ) -> Answer {
        let supply = CoreSupply(map, shrinking: held, free: free)
        guard amount < held.count, let choice = choose(amount, supply, strategy, budget) else {
            return Answer(cpus: held, exact: true)
        }
        return Answer(cpus: map.cpus(of: choice.cores), exact: choice.exact)
    }

    private func choose(_ amount: Int, _ supply: CoreSupply, _ strategy: Strategy, _ budget: Int) -> CoreSet? {
        let missing = max(amount, 0) - supply.held.count
        guard missing > 0 else { return CoreSet(cores: [], exact: true) }
        guard missing <= supply.total else { return nil }
        if strategy == .first { return supply.first(missing) }
        var budget = budget
        guard strategy == .balanced else { return TogetherSearch(supply: supply, missing: missing).best(&budget) }
        var search = BalancedSearch(supply, amount: amount)
        if let even = search.best(&budget) { return even }
        var fallback = TogetherSearch(supply: supply, missing: missing).best(&budget)
        fallback?.exact = false
        return fallback
    }
}

/// Cores that were chosen, by index, and whether nothing is better.
struct CoreSet {
    var cores: [Int]
    var exact: Bool
}

extension CoreSupply {
    /// The first cores by number that have so many CPUs.
    fileprivate func first(_ missing: Int) -> CoreSet {
        var chosen: [Int] = []
        var left = missing
        for (core, count) in threads.enumerated() where left > 0 && count > 0 {
            chosen.append(core)
            left -= count
        }
        return CoreSet(cores: chosen, exact: true)
    }
}
