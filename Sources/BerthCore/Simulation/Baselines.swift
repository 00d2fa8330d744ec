internal import BerthModel

/// How a host's GPUs are chosen by rules that are well known: what Berth's own strategies are measured beside.
///
/// On one host CPU time and memory are two numbers, so all that rules can differ in is which GPU gives a part of itself.
package enum Baseline: String, Hashable, Sendable, CaseIterable {
    /// The first GPU with room.
    case firstFit = "first-fit"
    /// The one that has the least left.
    case bestFit = "best-fit"
    /// The one whose free vector (CPU, memory, GPU) has the smallest product with what is asked, each as a share of the
    /// host's, as the simulator of the openb trace's authors has it.
    case dotProduct = "dot-product"
    /// The one that has the most left; also what the largest product chooses.
    case worstFit = "worst-fit"

    /// Those that must not be better than `optimized`. Worst fit shows what the others save.
    package static let rivals: [Baseline] = [.firstFit, .bestFit, .dotProduct]
}

/// A host that is nothing but what is free of it.
struct BaselineHost {
    let capacity: HostFree
    private(set) var free: HostFree

    init(_ capacity: HostFree) {
        self.capacity = capacity
        free = capacity
    }

    /// Takes what a task asks, chosen by a rule; false where it does not fit.
    mutating func place(_ shape: TaskShape, by rule: Baseline) -> Bool {
        guard free.fits(shape) else { return false }
        let fitting = free.gpus.indices.filter { free.gpus[$0] >= shape.share.units }
        let ranked = fitting.sorted { (rank($0, shape, rule), $0) < (rank($1, shape, rule), $1) }
        for gpu in ranked.prefix(shape.gpus) { free.gpus[gpu] -= shape.share.units }
        free.cpu -= shape.cpu
        free.memory -= shape.memory
        return true
    }

    /// The lower is chosen.
    private func rank(_ gpu: Int, _ shape: TaskShape, _ rule: Baseline) -> Double {
        switch rule {
        case .firstFit: Double(gpu)
        case .bestFit: Double(free.gpus[gpu])
        case .worstFit: -Double(free.gpus[gpu])
        case .dotProduct:
            product(free.cpu, shape.cpu, capacity.cpu) + product(free.memory, shape.memory, capacity.memory)
                + product(Quantity(free.gpus[gpu]), shape.share, ResourceType.gpu.whole)
        }
    }

    private func product(_ free: Quantity, _ asked: Quantity, _ all: Quantity) -> Double {
        guard all > .zero else { return 0 }
        return Double(free.units) / Double(all.units) * Double(asked.units) / Double(all.units)
    }
}
