internal import BerthModel

/// What nobody holds, NUMA node by NUMA node: what a choice leaves to the requests that come after it.
struct HostRest {
    /// What one node has left.
    struct Node {
        /// CPUs of whole cores.
        var cpus: Int64 = 0
        /// Memory that is bound to nobody, in bytes.
        var memory: Int64 = 0
        /// Of each GPU the room that is left, in thousandths.
        var gpus: [Int64] = []

        /// Whether a shape fits here.
        func fits(_ shape: Shape) -> Bool {
            guard shape.cpus <= cpus, shape.memory <= memory else { return false }
            guard shape.gpu > 0 else { return true }
            let part = shape.gpuPart
            return gpus.count { $0 >= part } >= shape.gpuCount
        }

        /// The room on GPUs that a shape cannot use, in thousandths.
        func lostGPU(_ shape: Shape) -> Int64 {
            guard shape.gpu > 0 else { return 0 }
            let part = fits(shape) ? shape.gpuPart : Int64.max
            return gpus.reduce(0) { $1 < part ? $0 + $1 : $0 }
        }

        /// The CPUs that a shape cannot use.
        func lostCPUs(_ shape: Shape) -> Int64 { shape.cpus == 0 || fits(shape) ? 0 : cpus }
    }

    /// By number; -1 is where GPUs are whose node is unknown, near everything for all that is known.
    private(set) var nodes: [Int: Node] = [:]
    private var places: [String: (node: Int, index: Int)] = [:]
    /// The nodes in the order of their numbers, and what they can still take.
    private let order: [Int]
    private let outlook: Outlook

    init(_ placement: Placement) {
        let capacity = placement.capacity
        let groups = capacity.topology.groups(.node)
        let own = placement.current?[.cpu]?.cpus ?? CPUSet()
        let free = placement.exclusivelyFree(besides: own)
        let map = placement.cores.map
        for group in groups { nodes[group.id] = Node() }
        for core in map.cores where core.cpus.allSatisfy(free.contains) {
            let node = groups[map.cells[core.cell][CoreMap.node]].id
            nodes[node, default: Node()].cpus += Int64(core.cpus.count)
        }
        for (node, memory) in capacity.nodeMemory {
            nodes[node, default: Node()].memory = (memory - (placement.held.nodeMemory[node] ?? .zero)).units
        }
        let units = capacity.wholeUnits(.gpu)
        let nowhere = nodes.values.reduce(into: Node()) { sum, node in
            sum.cpus += node.cpus
            sum.memory += node.memory
        }
        let taken = TakenUnits(.gpu, units, placement.held.units[.gpu] ?? [:])
        for unit in units where unit.failure == nil && unit.parent == nil {
            // A host that has one node has everything on it.
            let node = unit.node ?? (groups.count == 1 ? groups[0].id : -1)
            var changed = nodes.removeValue(forKey: node) ?? (node < 0 ? nowhere : Node())
            places[unit.name] = (node, changed.gpus.count)
            changed.gpus.append(taken.room(on: unit).units)
            nodes[node] = changed
        }
        let found = nodes
        order = found.keys.sorted()
        outlook = Outlook(placement.shapes, on: order.compactMap { found[$0] })
    }

    /// The nodes that a grant takes something from, as they are after it.
    func after(_ grant: Grant, besides current: Grant?, _ topology: CPUTopology) -> [Int: Node] {
        var after: [Int: Node] = [:]
        func change(_ node: Int, _ body: (inout Node) -> Void) {
            guard var changed = after[node] ?? nodes[node] else { return }
            body(&changed)
            after[node] = changed
        }
        for cpu in grant[.cpu]?.cpus?.subtracting(current?[.cpu]?.cpus ?? CPUSet()) ?? CPUSet() {
            if let node = topology.place(of: cpu)?.node { change(node) { $0.cpus -= 1 } }
        }
        if let hold = grant[.memory], let node = hold.nodes?.first {
            change(node) { $0.memory -= hold.amount.units }
        }
        for share in grant[.gpu]?.units ?? [] {
            guard let (node, index) = places[share.name] else { continue }
            change(node) { $0.gpus[index] -= share.quantity.units }
        }
        return after
    }

    /// What a grant costs those who come after it: how many fewer of them fit, of rows of the commonest shapes; then shapes
    /// that no node has room for any more; then the room on GPUs, and then the CPUs, that it makes useless to the shapes, by
    /// how common these are.
    ///
    /// The last two after "Beware of Fragmentation" (USENIX ATC 2023): room that is too small for what people ask is lost to them.
    func cost(of grant: Grant, besides current: Grant?, _ shapes: [Shape], _ topology: CPUTopology) -> [Int64] {
        let after = after(grant, besides: current, topology)
        var (gone, gpus, cpus): (Int64, Int64, Int64) = (0, 0, 0)
        for shape in shapes {
            if nodes.values.contains(where: { $0.fits(shape) }),
                !nodes.contains(where: { (after[$0.key] ?? $0.value).fits(shape) })
            {
                gone += 1
            }
            for (node, changed) in after {
                guard let before = nodes[node] else { continue }
                gpus += (changed.lostGPU(shape) - before.lostGPU(shape)) * shape.weight
                if node >= 0 { cpus += (changed.lostCPUs(shape) - before.lostCPUs(shape)) * shape.weight }
            }
        }
        let placed = outlook.placed(on: order.compactMap { after[$0] ?? nodes[$0] })
        return [-placed, gone, gpus, cpus]
    }
}
