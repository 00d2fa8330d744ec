internal import BerthCore
internal import BerthJSON

/// How far a host can be filled, for people and for programs.
enum FillingText {
    /// One line a chooser.
    static func table(_ study: FillingStudy) -> String {
        var table = Table(
            ["CHOOSER", "TASKS", "CPU %", "MEMORY %", "GPU %", "FRAGMENTS %"], right: [1, 2, 3, 4, 5])
        for line in study.lines {
            table.add([
                line.chooser.name, Decimals.text(line.placed, study.starts > 1 ? 1 : 0), Decimals.percent(line.cpu),
                Decimals.percent(line.memory), Decimals.percent(line.gpu), Decimals.percent(line.fragmentation),
            ])
        }
        return table.text
    }

    /// The same as a document, schema berth.filling/1.
    static func document(_ study: FillingStudy, mix: TaskMix, tasks: Int) -> JSONValue {
        [
            "schema": "berth.filling/1", "mix": .string(mix.rawValue), "tasks": JSONValue(tasks),
            "starts": JSONValue(study.starts), "patience": JSONValue(Filling.patience),
            "choosers": .array(
                study.lines.map { line in
                    var object: JSONObject = [:]
                    object["name"] = .string(line.chooser.name)
                    if case .baseline = line.chooser { object["baseline"] = true } else { object["baseline"] = false }
                    object["placed"] = Decimals.json(line.placed, 3)
                    object["cpu"] = Decimals.json(line.cpu, 6)
                    object["memory"] = Decimals.json(line.memory, 6)
                    object["gpu"] = line.gpu.map { Decimals.json($0, 6) }
                    object["fragmentation"] = line.fragmentation.map { Decimals.json($0, 6) }
                    return .object(object)
                }),
        ]
    }
}
