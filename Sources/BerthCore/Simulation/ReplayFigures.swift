internal import BerthModel

/// What a replay comes to, in figures.
package struct ReplayFigures: Hashable, Sendable {
    /// Tasks that were asked for.
    package var tasks: Int
    /// Those that ran.
    package var ran: Int
    /// Those that could not fit on the empty host, and were refused.
    package var refused: Int
    /// From the first arrival to the last end, in milliseconds.
    package var span: Int64
    /// The mean over that time of what was held of CPU time, as a share of all: 0 to 1.
    package var cpu: Double
    /// The same of memory.
    package var memory: Double
    /// The same of GPUs; nil on a host without.
    package var gpu: Double?
    /// The mean over that time of the GPUs that were free and of no use for what comes, of all; nil on a host without.
    package var fragmentation: Double?
    /// Those of the tasks that ran that waited for it.
    package var waited: Int
    /// How long those that ran waited, in milliseconds: the mean over all of them.
    package var meanWait: Double
    /// Half of them waited no longer; of an even number the mean of the middle two.
    package var medianWait: Int64
    /// Nineteen of twenty waited no longer.
    package var p95Wait: Int64
    /// None waited longer.
    package var longestWait: Int64
    /// How many times its own run a task was there from its arrival to its end: the mean. Runs under ten seconds count as
    /// ten, as is usual, for else the shortest ones decide alone.
    package var slowdown: Double
    /// Jain's index over users of the dominant share that each had in the mean while it waited for more: 1 where that is
    /// the same for all, one over their number where one alone got anything. Nil where fewer than two users waited.
    package var fairness: Double?
    /// How often a task was ended for another.
    package var preemptions: Int

    /// - Parameters:
    ///   - capacity: what the host has
    ///   - tasks: the tasks
    ///   - fates: what became of each
    ///   - fragmentation: its mean over time
    ///   - over: how long the means are over, in milliseconds, for a part of the tasks; nil is from the first arrival to the last
    ///     end
    package init(
        _ capacity: HostFree, _ tasks: [TracedTask], _ fates: [Fate], fragmentation: Double?, over: Int64? = nil
    ) {
        let pairs = Array(zip(tasks, fates))
        self.tasks = tasks.count
        self.fragmentation = fragmentation
        refused = fates.count(where: \.refused)
        preemptions = fates.reduce(0) { $0 + $1.preemptions }
        let ran = pairs.filter { $0.1.run != nil }
        self.ran = ran.count
        let first = fates.lazy.map(\.arrived).min() ?? 0
        span = over ?? max(0, (fates.lazy.compactMap(\.ended).max() ?? first) - first)
        let time = Double(span)
        func mean(_ all: Quantity, _ asked: (TaskShape) -> Quantity) -> Double {
            guard all > .zero, time > 0 else { return 0 }
            return pairs.reduce(0) { sum, pair in
                let held = pair.1.runs.reduce(0) { $0 + $1.count }
                return sum + Double(asked(pair.0.shape).units) / Double(all.units) * Double(held)
            } / time
        }
        cpu = mean(capacity.cpu, \.cpu)
        memory = mean(capacity.memory, \.memory)
        gpu = capacity.gpus.isEmpty ? nil : mean(capacity.gpu, \.gpu)
        let waits = ran.map { $0.1.wait ?? 0 }.sorted()
        waited = waits.count { $0 > 0 }
        meanWait = waits.isEmpty ? 0 : waits.reduce(0) { $0 + Double($1) } / Double(waits.count)
        let middle = waits.count / 2
        medianWait =
            waits.isEmpty ? 0 : waits.count % 2 == 1 ? waits[middle] : (waits[middle - 1] + waits[middle]) / 2
        p95Wait = waits.isEmpty ? 0 : waits[(waits.count * 95 + 99) / 100 - 1]
        longestWait = waits.last ?? 0
        slowdown =
            ran.isEmpty
            ? 1
            : ran.reduce(0) { sum, pair in
                let run = Double(pair.1.run ?? 0)
                let stay = Double((pair.1.ended ?? pair.1.arrived) - pair.1.arrived)
                return sum + max(1, stay / max(run, ReplayFigures.shortest))
            } / Double(ran.count)
        fairness = over == nil ? Fairness.index(capacity, tasks, fates) : nil
    }

    /// Milliseconds that a shorter run counts as.
    private static let shortest = 10_000.0
}
