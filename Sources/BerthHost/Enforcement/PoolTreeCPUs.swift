internal import BerthCore
internal import BerthKernel
internal import BerthModel
internal import Glibc

extension PoolTree {
    /// Gives the shared leaves of every pool all CPUs but those that are held exclusively.
    /// - Parameters:
    ///   - sums: who holds which
    ///   - capacity: all CPUs that may be handed out
    func setExclusive(_ sums: PoolSums, of capacity: CPUSet) throws(KernelError) {
        guard facts.missing["cpuset"] == nil else { return }
        let cpus = sums.total.exclusiveCPUs
        partitionFailure =
            facts.hasExclusiveCPUs
            ? nil
            : "this kernel has no partitions below a group that is none (Linux 6.7 has, with cpuset.cpus.exclusive)"
        var claims = claims(sums)
        // What goes from one pool to another is given up first.
        claim(&claims, fromBelow: true) { new, old in old.subtracting(old.subtracting(new).intersection(cpus)) }
        claim(&claims) { new, old in old.union(new) }
        // Nothing is the CPUs of the group above.
        let left = cpus.isEmpty ? "" : capacity.subtracting(cpus).description
        for pool in pools where pool.missing["cpuset"] == nil {
            if try CPUSet(kernel: pool.shared.read("cpuset.cpus")) != CPUSet(kernel: left) {
                try pool.shared.write(left, to: "cpuset.cpus")
            }
        }
        claim(&claims, fromBelow: true) { new, _ in new }
    }

    /// A group on the way to partitions.
    private struct Claim {
        let group: Group
        /// What it is to claim for them.
        let new: CPUSet
        /// What it claims now.
        var old: CPUSet
    }

    /// What each group on the way claims, from the top down. Where the kernel will not, the leaf's receipt says so.
    private func claims(_ sums: PoolSums) -> [Claim] {
        guard facts.hasExclusiveCPUs else { return [] }
        let cpus = sums.total.exclusiveCPUs
        do throws(KernelError) {
            var groups = [(root, cpus)]
            for path in treeRoot.exclusiveAncestors { groups.insert((try Group(at: path), cpus), at: 0) }
            groups += pools.map { ($0.group, sums[$0.name].claimed) }
            var claims: [Claim] = []
            for (group, cpus) in groups where group.has("cpuset.cpus.exclusive") {
                let old = try CPUSet(kernel: group.read("cpuset.cpus.exclusive"))
                claims.append(Claim(group: group, new: cpus, old: old))
            }
            return claims
        } catch {
            partitionFailure = error.description
            return []
        }
    }

    /// Writes what `next` makes of what a group is to claim and what it claims.
    private func claim(
        _ claims: inout [Claim], fromBelow: Bool = false, _ next: (_ new: CPUSet, _ old: CPUSet) -> CPUSet
    ) {
        do throws(KernelError) {
            for index in fromBelow ? Array(claims.indices.reversed()) : Array(claims.indices) {
                let value = next(claims[index].new, claims[index].old)
                guard value != claims[index].old else { continue }
                try claims[index].group.write(value.description, to: "cpuset.cpus.exclusive")
                claims[index].old = value
            }
        } catch {
            partitionFailure = error.description
        }
    }
}

extension CPUSet {
    /// A list as the kernel writes it.
    init(kernel text: String) throws(KernelError) {
        do throws(ParseError) {
            self = text.isEmpty ? CPUSet() : try CPUSet(parsing: text)
        } catch {
            throw KernelError("understand \"\(text)\" of", "cpuset.cpus", code: EPROTO)
        }
    }
}
