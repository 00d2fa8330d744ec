package import BerthModel

/// What is free of a host, as far as traces speak of it.
package struct HostFree: Hashable, Sendable {
    /// CPU time.
    package var cpu: Quantity
    /// Memory.
    package var memory: Quantity
    /// Each GPU, in thousandths, in the order of the host.
    package var gpus: [Int64]

    package init(cpu: Quantity, memory: Quantity, gpus: [Int64]) {
        self.cpu = cpu
        self.memory = memory
        self.gpus = gpus
    }

    /// What can be reserved of a capacity besides what is held already.
    package init(_ capacity: Capacity, holding held: Holdings = Holdings()) {
        cpu = capacity.cpu - capacity.reservedCPU - held.cpu
        memory = capacity.memory - capacity.reservedMemory - held.memory
        let units = capacity.wholeUnits(.gpu).filter { $0.parent == nil && $0.failure == nil }
        let taken = held.units[.gpu] ?? [:]
        gpus = units.map { ResourceType.gpu.whole.units - (taken[$0.name] ?? .zero).units }
    }

    /// GPUs in all.
    package var gpu: Quantity { Quantity(gpus.reduce(0, +)) }

    /// Whether a task fits.
    package func fits(_ shape: TaskShape) -> Bool {
        guard shape.cpu <= cpu, shape.memory <= memory else { return false }
        return shape.gpus == 0 || gpus.count { $0 >= shape.share.units } >= shape.gpus
    }
}

/// How much of what is free is of no use for what usually comes: the measure of "Beware of Fragmentation" (USENIX ATC
/// 2023).
///
/// For a task that does not fit, or asks for no GPU, all free GPUs are fragments; for any other those that have less left
/// than it asks of each. The fragmentation is the mean over the tasks that come.
package struct Fragmentation: Sendable {
    private let shapes: [(shape: TaskShape, weight: Double)]

    /// So many shapes are looked at, the commonest: those are all of the openb trace.
    package static let mostShapes = 128

    /// - Parameter tasks: what comes, each as often as it does
    package init(_ tasks: some Sequence<TaskShape>) {
        var counts: [TaskShape: Int] = [:]
        var order: [TaskShape] = []
        for shape in tasks {
            if counts[shape] == nil { order.append(shape) }
            counts[shape, default: 0] += 1
        }
        // By number of tasks, then by first appearance: a dictionary has no order that comes again.
        let common = order.enumerated().sorted { (counts[$1.1] ?? 0, $0.0) < (counts[$0.1] ?? 0, $1.0) }
            .prefix(Fragmentation.mostShapes)
        let all = Double(common.reduce(0) { $0 + (counts[$1.1] ?? 0) })
        shapes = common.map { ($0.element, Double(counts[$0.element] ?? 0) / all) }
    }

    /// The fragments in thousandths of a GPU.
    package func fragments(_ free: HostFree) -> Double {
        let all = Double(free.gpu.units)
        guard all > 0 else { return 0 }
        return shapes.reduce(0) { sum, each in
            guard each.shape.gpus > 0, free.fits(each.shape) else { return sum + each.weight * all }
            let small = free.gpus.reduce(0) { $0 + ($1 < each.shape.share.units ? $1 : 0) }
            return sum + each.weight * Double(small)
        }
    }
}
