internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What replays come to, for people and for programs: one column a configuration.
struct ReplayText {
    /// One configuration and what it came to.
    struct Column {
        var configuration: SimulatedConfiguration
        var figures: ReplayFigures
        /// The same of the tasks of each pool, by name, where there is more than the default one.
        var pools: [(name: String, figures: ReplayFigures)]

        init(_ configuration: SimulatedConfiguration, _ free: HostFree, _ tasks: [TracedTask], _ replay: Replay) {
            self.configuration = configuration
            let figures = ReplayFigures(free, tasks, replay.fates, fragmentation: replay.fragmentation)
            self.figures = figures
            let names = replay.pools.all.map(\.name)
            let places = Dictionary(grouping: tasks.indices) { replay.pool(of: tasks[$0]) }
            pools =
                names.count == 1
                ? []
                : names.map { name in
                    let own = places[name] ?? []
                    return (
                        name.text,
                        ReplayFigures(
                            free, own.map { tasks[$0] }, own.map { replay.fates[$0] }, fragmentation: nil,
                            over: figures.span)
                    )
                }
        }
    }

    let columns: [Column]
    /// Tasks that never ran in the trace, and are left out.
    let leftOut: Int

    /// One line a figure.
    var table: String {
        var table = Table(
            [""] + columns.map { $0.configuration.heading(beside: columns[0].configuration) },
            right: Set(1...columns.count))
        func add(_ name: String, _ cell: (ReplayFigures) -> String) {
            table.add([name] + columns.map { cell($0.figures) })
        }
        add("tasks") { "\($0.tasks)" }
        add("that ran") { "\($0.ran)" }
        add("refused, for they can never have it") { "\($0.refused)" }
        add("still waiting at the end") { "\($0.tasks - $0.ran - $0.refused)" }
        add("left out, for they never ran") { _ in "\(leftOut)" }
        add("time") { ReplayText.time(Double($0.span)) }
        add("CPU held %") { Decimals.percent($0.cpu) }
        add("memory held %") { Decimals.percent($0.memory) }
        add("GPUs held %") { Decimals.percent($0.gpu) }
        add("GPUs free in fragments %") { Decimals.percent($0.fragmentation) }
        add("tasks that waited") { "\($0.waited)" }
        add("wait, mean") { ReplayText.time($0.meanWait) }
        add("wait, median") { ReplayText.time(Double($0.medianWait)) }
        add("wait, 95 %") { ReplayText.time(Double($0.p95Wait)) }
        add("wait, longest") { ReplayText.time(Double($0.longestWait)) }
        add("slowdown, mean") { Decimals.text($0.slowdown, 2) }
        add("fairness over users") { $0.fairness.map { Decimals.text($0, 3) } ?? "-" }
        add("preemptions") { "\($0.preemptions)" }
        return ([table.text] + columns.compactMap { poolTable($0) }).joined(separator: "\n")
    }

    /// One line a pool, without the pools within it.
    private func poolTable(_ column: Column) -> String? {
        guard !column.pools.isEmpty else { return nil }
        let heading =
            columns.count == 1 ? "POOL" : "POOL OF \(column.configuration.heading(beside: columns[0].configuration))"
        var table = Table(
            [
                heading, "TASKS", "REFUSED", "CPU %", "MEMORY %", "GPU %", "WAITED", "MEAN", "95 %", "SLOWDOWN",
                "PREEMPTED",
            ],
            right: Set(1...10))
        for (name, figures) in column.pools {
            table.add([
                name, "\(figures.tasks)", "\(figures.refused)", Decimals.percent(figures.cpu),
                Decimals.percent(figures.memory), Decimals.percent(figures.gpu), "\(figures.waited)",
                ReplayText.time(figures.meanWait), ReplayText.time(Double(figures.p95Wait)),
                Decimals.text(figures.slowdown, 2), "\(figures.preemptions)",
            ])
        }
        return table.text
    }

    /// The same as a document, schema berth.simulation/1. Times are in seconds.
    var document: JSONValue {
        [
            "schema": "berth.simulation/1", "left_out": JSONValue(leftOut),
            "configurations": .array(columns.map { ReplayText.json($0) }),
        ]
    }

    private static func json(_ column: Column) -> JSONValue {
        let (configuration, replay) = (column.configuration, column.configuration.replay)
        var object: JSONObject = ["policy": .string(configuration.policy)]
        object["config"] = configuration.file.map { .string($0) }
        object["strategy"] = configuration.strategy.map { .string($0) }
        object["declared"] = .string(replay.declared.rawValue)
        object["span"] = seconds(Double(column.figures.span))
        for (name, value) in json(column.figures) { object[name] = value }
        func numbers(_ numbers: [String: Int]) -> JSONValue? {
            guard !numbers.isEmpty else { return nil }
            let sorted = numbers.sorted { $0.key < $1.key }
            return .object(sorted.reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.value) })
        }
        if !replay.quotas.isEmpty, configuration.file == nil {
            object["quota"] = .object(
                replay.quotas.reduce(into: JSONObject()) { quotas, bound in
                    switch bound {
                    case .amount(let type, let amount): quotas[type.name] = type.measure.json(amount)
                    case .reservations(let most): quotas["reservations"] = JSONValue(most)
                    case .hours: break
                    }
                })
        }
        object["priorities"] = numbers(replay.priorities)
        if configuration.file == nil { object["weights"] = numbers(replay.weights) }
        if !column.pools.isEmpty {
            object["pools"] = .object(
                JSONObject(column.pools.map { ($0.name, .object(json($0.figures))) }))
        }
        return .object(object)
    }

    private static func json(_ figures: ReplayFigures) -> JSONObject {
        var held: JSONObject = ["cpu": Decimals.json(figures.cpu, 6), "memory": Decimals.json(figures.memory, 6)]
        held["gpu"] = figures.gpu.map { Decimals.json($0, 6) }
        var object: JSONObject = [
            "tasks": JSONValue(figures.tasks), "ran": JSONValue(figures.ran), "refused": JSONValue(figures.refused),
            "unstarted": JSONValue(figures.tasks - figures.ran - figures.refused),
            "held": .object(held), "waited": JSONValue(figures.waited),
            "wait": [
                "mean": seconds(figures.meanWait), "median": seconds(Double(figures.medianWait)),
                "p95": seconds(Double(figures.p95Wait)), "longest": seconds(Double(figures.longestWait)),
            ], "slowdown": Decimals.json(figures.slowdown, 3), "preemptions": JSONValue(figures.preemptions),
        ]
        object["fragmentation"] = figures.fragmentation.map { Decimals.json($0, 6) }
        object["fairness"] = figures.fairness.map { Decimals.json($0, 6) }
        return object
    }

    private static func seconds(_ milliseconds: Double) -> JSONValue { Decimals.json(milliseconds / 1000, 3) }

    /// A time for people: seconds, or its two largest units.
    private static func time(_ milliseconds: Double) -> String {
        milliseconds < 60_000
            ? "\(Decimals.text(milliseconds / 1000, milliseconds == 0 ? 0 : 1))s" : ReplaySVG.time(Int64(milliseconds))
    }
}
