internal import BerthModel

/// How evenly users were served while they wanted more.
///
/// Of each user the mean of its dominant share (the largest of its shares of CPU time, memory and GPUs) over the time in
/// which one of its tasks waited: that is what fair policies make alike. Jain's index over the users is 1 where it is the
/// same for all, and one over their number where one alone got anything.
enum Fairness {
    /// The index; nil where fewer than two users ever waited.
    static func index(_ capacity: HostFree, _ tasks: [TracedTask], _ fates: [Fate]) -> Double? {
        var steps: [Int: [Step]] = [:]
        let last = fates.lazy.compactMap(\.ended).max() ?? 0
        for (task, fate) in zip(tasks, fates) where !fate.refused {
            let from = fate.lost.last?.upperBound ?? fate.arrived
            let waits = fate.started == nil ? [from..<max(last, from)].filter { !$0.isEmpty } : fate.waits
            for wait in waits {
                steps[task.user, default: []] += [
                    Step(at: wait.lowerBound, waiting: 1), Step(at: wait.upperBound, waiting: -1),
                ]
            }
            for run in fate.runs {
                steps[task.user, default: []] += [
                    Step(at: run.lowerBound, task.shape, 1), Step(at: run.upperBound, task.shape, -1),
                ]
            }
        }
        // In the order of the users: sums of floating point depend on it.
        let shares = steps.sorted { $0.key < $1.key }.compactMap { meanShare(capacity, $0.value) }
        return shares.count < 2 ? nil : jain(shares)
    }

    /// The square of the sum over the number times the sum of the squares.
    static func jain(_ shares: [Double]) -> Double {
        let sum = shares.reduce(0, +)
        let squares = shares.reduce(0) { $0 + $1 * $1 }
        return squares > 0 ? sum * sum / (Double(shares.count) * squares) : 1
    }

    /// What changes for a user at a moment.
    private struct Step {
        var at: Int64
        var cpu: Int64 = 0
        var memory: Int64 = 0
        var gpu: Int64 = 0
        var waiting = 0

        init(at: Int64, waiting: Int) {
            self.at = at
            self.waiting = waiting
        }

        init(at: Int64, _ shape: TaskShape, _ sign: Int64) {
            self.at = at
            cpu = shape.cpu.units * sign
            memory = shape.memory.units * sign
            gpu = shape.gpu.units * sign
        }
    }

    /// The mean dominant share of one user while it waited; nil where it never did.
    private static func meanShare(_ capacity: HostFree, _ steps: [Step]) -> Double? {
        func share(_ held: Int64, _ all: Quantity) -> Double { all > .zero ? Double(held) / Double(all.units) : 0 }
        var (cpu, memory, gpu, waiting) = (Int64(0), Int64(0), Int64(0), 0)
        var (sum, time) = (0.0, 0.0)
        var now: Int64 = 0
        for step in steps.sorted(by: { $0.at < $1.at }) {
            if waiting > 0 {
                let dominant = max(
                    share(cpu, capacity.cpu), share(memory, capacity.memory), share(gpu, capacity.gpu))
                sum += dominant * Double(step.at - now)
                time += Double(step.at - now)
            }
            now = step.at
            cpu += step.cpu
            memory += step.memory
            gpu += step.gpu
            waiting += step.waiting
        }
        return time > 0 ? sum / time : nil
    }
}
