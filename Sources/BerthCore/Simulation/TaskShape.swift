package import BerthModel

/// What one task of a trace asks of one host.
package struct TaskShape: Hashable, Sendable {
    /// CPU time.
    package var cpu: Quantity
    /// Memory.
    package var memory: Quantity
    /// How many GPUs.
    package var gpus: Int
    /// How much of each of them; less than a whole one only where it is one.
    package var share: Quantity

    /// - Parameters:
    ///   - cpu: CPU time
    ///   - memory: memory
    ///   - gpus: how many GPUs
    ///   - share: how much of each
    package init(cpu: Quantity, memory: Quantity, gpus: Int = 0, share: Quantity = ResourceType.gpu.whole) {
        self.cpu = cpu
        self.memory = memory
        self.gpus = gpus
        self.share = gpus > 0 ? share : .zero
    }

    /// Whether it asks for a part of one GPU.
    package var sharesGPU: Bool { gpus > 0 && share < ResourceType.gpu.whole }

    /// GPUs in all.
    package var gpu: Quantity { Quantity(Int64(gpus) * share.units) }

    /// It as a request says it. What is not asked is not in it.
    package var resources: Resources {
        let asks = [Ask(.cpu, amount: cpu), Ask(.memory, amount: memory), Ask(.gpu, amount: gpu)]
        return Resources(asks.filter { $0.amount > .zero })
    }
}

/// Which tasks of a trace are looked at.
package enum TaskMix: String, Hashable, Sendable, CaseIterable {
    /// All of them.
    case all
    /// Those that ask for a part of a GPU.
    case sharedGPU = "shared-gpu"
    /// Those that ask for whole GPUs.
    case wholeGPU = "whole-gpu"
    /// Those that ask for no GPU.
    case cpu

    /// Whether a task is one of these.
    package func contains(_ shape: TaskShape) -> Bool {
        switch self {
        case .all: true
        case .sharedGPU: shape.sharesGPU
        case .wholeGPU: shape.gpus > 0 && !shape.sharesGPU
        case .cpu: shape.gpus == 0
        }
    }
}
