internal import BerthModel

/// Who held how much of a host when, in columns of equal time.
package struct ReplayChart: Hashable, Sendable {
    /// How many columns.
    package static let columns = 480
    /// So many users have a band of their own, those who held most; the others share one.
    package static let mostUsers = 7

    /// The names of the bands, the last being `others` where there are more users.
    package private(set) var bands: [String] = []
    /// How long all columns are together, in milliseconds.
    package let span: Int64
    /// By band, by column: the mean of what was held of CPU time, 0 to 1.
    package private(set) var cpu: [[Double]] = []
    /// The same of memory.
    package private(set) var memory: [[Double]] = []
    /// The same of GPUs; empty on a host without.
    package private(set) var gpu: [[Double]] = []
    /// By column: the mean of how many tasks waited.
    package private(set) var waiting: [Double]

    /// - Parameters:
    ///   - capacity: what the host has
    ///   - trace: the tasks
    ///   - fates: what became of each
    ///   - span: how long the columns are together
    package init(_ capacity: HostFree, _ trace: Trace, _ fates: [Fate], span: Int64) {
        self.span = max(1, span)
        waiting = [Double](repeating: 0, count: ReplayChart.columns)
        let order = ReplayChart.order(capacity, trace, fates)
        let named = order.count <= ReplayChart.mostUsers + 1 ? order : Array(order.prefix(ReplayChart.mostUsers))
        bands = named.map { trace.users[$0] } + (named.count < order.count ? ["others"] : [])
        var band: [Int: Int] = [:]
        for (place, user) in named.enumerated() { band[user] = place }
        func empty(_ all: Quantity) -> [[Double]] {
            all > .zero ? bands.map { _ in [Double](repeating: 0, count: ReplayChart.columns) } : []
        }
        cpu = empty(capacity.cpu)
        memory = empty(capacity.memory)
        gpu = empty(capacity.gpu)
        for (task, fate) in zip(trace.tasks, fates) {
            for wait in fate.waits { ReplayChart.add(1, wait.lowerBound, wait.upperBound, self.span, &waiting) }
            let place = band[task.user] ?? bands.count - 1
            func add(_ amount: Quantity, of all: Quantity, _ rows: inout [[Double]]) {
                guard amount > .zero, all > .zero else { return }
                for run in fate.runs {
                    ReplayChart.add(
                        Double(amount.units) / Double(all.units), run.lowerBound, run.upperBound, self.span,
                        &rows[place])
                }
            }
            add(task.shape.cpu, of: capacity.cpu, &cpu)
            add(task.shape.memory, of: capacity.memory, &memory)
            add(task.shape.gpu, of: capacity.gpu, &gpu)
        }
    }

    /// Users by what they held most of, times how long; the most first.
    private static func order(_ capacity: HostFree, _ trace: Trace, _ fates: [Fate]) -> [Int] {
        var held: [Int: Double] = [:]
        for (task, fate) in zip(trace.tasks, fates) {
            let run = fate.runs.reduce(0) { $0 + $1.count }
            guard run > 0 else { continue }
            let amounts = [
                (task.shape.cpu, capacity.cpu), (task.shape.memory, capacity.memory), (task.shape.gpu, capacity.gpu),
            ]
            let shares = amounts.map { $1 > .zero ? Double($0.units) / Double($1.units) : 0 }
            held[task.user, default: 0] += Double(run) * (shares.max() ?? 0)
        }
        return held.keys.sorted { (-(held[$0] ?? 0), $0) < (-(held[$1] ?? 0), $1) }
    }

    /// Adds a height over a part of the time.
    private static func add(_ height: Double, _ from: Int64, _ until: Int64, _ span: Int64, _ row: inout [Double]) {
        let width = Double(span) / Double(columns)
        let first = Double(max(0, from)) / width
        let last = Double(min(until, span)) / width
        guard last > first else { return }
        for column in max(0, Int(first))...min(columns - 1, Int(last)) {
            let part = min(last, Double(column + 1)) - max(first, Double(column))
            if part > 0 { row[column] += height * part }
        }
    }
}
