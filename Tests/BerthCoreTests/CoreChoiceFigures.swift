import BerthModel

/// What a chosen set is worth, counted anew from the CPUs: nothing here is shared with the code under test.
struct CoreChoiceFigures {
    var nodes = 0
    var packages = 0
    var dies = 0
    var l3s = 0
    var cores = 0
    var halfCores = 0
    var freeNodes = 0
    var freeNodeCPUs = 0
    var freeL3s = 0
    var freeL3CPUs = 0
    var imbalance = 0
    var leftRange = 0
    var distance = 0
    var cpus = 0

    /// - Parameters: the host, what could be taken before, and what was (CPUs held before may be among them)
    init(_ topology: CPUTopology, available: CPUSet, chosen: CPUSet) {
        let left = available.subtracting(chosen)
        func touched(_ level: CPUTopology.Level) -> [CPUTopology.Group] {
            topology.groups(level).filter { !$0.cpus.isDisjoint(with: chosen) }
        }
        func free(_ level: CPUTopology.Level) -> [Int] {
            topology.groups(level).filter { $0.cpus.isSubset(of: left) }.map(\.cpus.count)
        }
        nodes = touched(.node).count
        packages = touched(.package).count
        dies = touched(.die).count
        l3s = touched(.l3).count
        cores = touched(.core).count
        halfCores = touched(.core).count { !$0.cpus.isDisjoint(with: left) }
        (freeNodes, freeNodeCPUs) = (free(.node).count, free(.node).max() ?? 0)
        (freeL3s, freeL3CPUs) = (free(.l3).count, free(.l3).max() ?? 0)
        let shares = touched(.node).map { $0.cpus.intersection(chosen).count }
        imbalance = (shares.max() ?? 0) - (shares.min() ?? 0)
        let rests = topology.groups(.node).map { $0.cpus.intersection(left).count }
        leftRange = (rests.max() ?? 0) - (rests.min() ?? 0)
        for one in touched(.node) {
            for other in touched(.node) where one.id != other.id {
                distance += topology.distance(from: one.id, to: other.id) ?? 0
            }
        }
        cpus = chosen.count
    }

    /// In the order in which they count, less is better.
    var together: [Int] {
        [nodes, packages, dies, l3s, cores, halfCores, -freeNodes, -freeNodeCPUs, -freeL3s, -freeL3CPUs]
    }

    /// Whether these are as good as others for a balanced request, where one core's worth of difference is allowed.
    func asBalanced(as other: CoreChoiceFigures, tolerance: Int) -> Bool {
        let pairs = [
            (imbalance, other.imbalance, tolerance), (nodes, other.nodes, 0), (packages, other.packages, 0),
            (cores, other.cores, 0), (leftRange, other.leftRange, tolerance),
        ]
        for (mine, theirs, tolerance) in pairs {
            if mine > theirs + tolerance { return false }
            if mine < theirs - tolerance { return true }
        }
        return true
    }
}
