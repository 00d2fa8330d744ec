package import BerthModel

/// Fillings of one host from several points of a trace, by everything that can choose: from one point alone they hardly
/// differ, for a host is full after a handful of tasks.
package struct FillingStudy: Sendable {
    /// One chooser's means over all starting points, as shares of what the host has.
    package struct Line: Hashable, Sendable {
        /// Who chose.
        package var chooser: Filling.Chooser
        /// Tasks placed.
        package var placed: Double
        /// CPU time held at the end, of all: 0 to 1.
        package var cpu: Double
        /// Memory held at the end, of all.
        package var memory: Double
        /// GPUs held at the end, of all; nil on a host without.
        package var gpu: Double?
        /// What is free of GPUs and of no use for what comes, of all GPUs; nil on a host without.
        package var fragmentation: Double?
    }

    /// One a chooser, in the order in which they were named.
    package private(set) var lines: [Line] = []
    /// How many points it was filled from.
    package let starts: Int

    /// - Parameters:
    ///   - capacity: the host
    ///   - tasks: what comes; behind the last comes the first again, for those that start later
    ///   - choosers: who chooses
    ///   - starts: from so many points, at even distances; at most one a task
    package init(_ capacity: Capacity, _ tasks: [TaskShape], by choosers: [Filling.Chooser], starts: Int = 1) {
        self.starts = max(1, min(starts, tasks.count))
        var capacity = capacity
        capacity.shapes = FillingStudy.commonest(tasks) ?? capacity.shapes
        let all = HostFree(capacity)
        let fragmentation = Fragmentation(tasks)
        for chooser in choosers {
            var line = Line(chooser: chooser, placed: 0, cpu: 0, memory: 0)
            var gpu = 0.0
            var fragments = 0.0
            for start in 0..<self.starts {
                let first = tasks.count * start / self.starts
                let filling = Filling(capacity, with: [tasks[first...], tasks[..<first]].joined(), by: chooser)
                line.placed += Double(filling.placed)
                line.cpu += FillingStudy.share(all.cpu, filling.free.cpu)
                line.memory += FillingStudy.share(all.memory, filling.free.memory)
                gpu += FillingStudy.share(all.gpu, filling.free.gpu)
                fragments += fragmentation.fragments(filling.free)
            }
            let times = Double(self.starts)
            line.placed /= times
            line.cpu /= times
            line.memory /= times
            if all.gpu > .zero {
                line.gpu = gpu / times
                line.fragmentation = fragments / times / Double(all.gpu.units)
            }
            lines.append(line)
        }
    }

    /// The commonest shapes of what comes, as a host learns them that has run such tasks; nil where none has any.
    private static func commonest(_ tasks: [TaskShape]) -> [Shape]? {
        var counts: [Shape: Int64] = [:]
        for task in tasks { counts[Shape(task.resources), default: 0] += 1 }
        let shapes = counts.filter { !$0.key.isEmpty }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return shapes.isEmpty
            ? nil
            : shapes.prefix(Shape.most).map { shape, count in
                var shape = shape
                shape.weight = count
                return shape
            }
    }

    /// The share of all that is not free.
    private static func share(_ all: Quantity, _ free: Quantity) -> Double {
        all > .zero ? Double((all - free).units) / Double(all.units) : 0
    }
}
