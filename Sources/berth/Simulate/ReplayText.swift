internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What replays come to, for people and for programs: one column a configuration.
struct ReplayText {
    /// One configuration and what it came to.
    struct Column {
        var configuration: Replay.Configuration
        var figures: ReplayFigures
    }

    let columns: [Column]
    /// Tasks that never ran in the trace, and are left out.
    let leftOut: Int

    /// One line a figure.
    var table: String {
        var table = Table(
            [""]
                + columns.map {
                    ConfigurationOption.text($0.configuration, beside: columns[0].configuration).uppercased()
                },
            right: Set(1...columns.count))
        func add(_ name: String, _ cell: (ReplayFigures) -> String) {
            table.add([name] + columns.map { cell($0.figures) })
        }
        add("tasks") { "\($0.tasks)" }
        add("that ran") { "\($0.ran)" }
        add("refused, for they never fit") { "\($0.refused)" }
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
        let figures = column.figures
        func seconds(_ milliseconds: Double) -> JSONValue { Decimals.json(milliseconds / 1000, 3) }
        var held: JSONObject = ["cpu": Decimals.json(figures.cpu, 6), "memory": Decimals.json(figures.memory, 6)]
        held["gpu"] = figures.gpu.map { Decimals.json($0, 6) }
        var object: JSONObject = [
            "policy": .string(column.configuration.policy.rawValue),
            "strategy": .string(column.configuration.strategy.rawValue),
            "declared": .string(column.configuration.declared.rawValue), "tasks": JSONValue(figures.tasks),
            "ran": JSONValue(figures.ran), "refused": JSONValue(figures.refused), "span": seconds(Double(figures.span)),
            "held": .object(held), "waited": JSONValue(figures.waited),
            "wait": [
                "mean": seconds(figures.meanWait), "median": seconds(Double(figures.medianWait)),
                "p95": seconds(Double(figures.p95Wait)), "longest": seconds(Double(figures.longestWait)),
            ], "slowdown": Decimals.json(figures.slowdown, 3), "preemptions": JSONValue(figures.preemptions),
        ]
        func numbers(_ numbers: [String: Int]) -> JSONValue? {
            guard !numbers.isEmpty else { return nil }
            let sorted = numbers.sorted { $0.key < $1.key }
            return .object(sorted.reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.value) })
        }
        if !column.configuration.quotas.isEmpty {
            object["quota"] = .object(
                column.configuration.quotas.reduce(into: JSONObject()) { quotas, bound in
                    switch bound {
                    case .amount(let type, let amount): quotas[type.name] = type.measure.json(amount)
                    case .reservations(let most): quotas["reservations"] = JSONValue(most)
                    case .hours: break
                    }
                })
        }
        object["priorities"] = numbers(column.configuration.priorities)
        object["weights"] = numbers(column.configuration.weights)
        object["fragmentation"] = figures.fragmentation.map { Decimals.json($0, 6) }
        object["fairness"] = figures.fairness.map { Decimals.json($0, 6) }
        return .object(object)
    }

    /// A time for people: seconds, or its two largest units.
    private static func time(_ milliseconds: Double) -> String {
        milliseconds < 60_000
            ? "\(Decimals.text(milliseconds / 1000, milliseconds == 0 ? 0 : 1))s" : ReplaySVG.time(Int64(milliseconds))
    }
}
