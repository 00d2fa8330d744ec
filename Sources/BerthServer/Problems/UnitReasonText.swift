internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// Why those units, as explain tells it.
extension UnitReason {
    /// What counted, what it is, and what it would be of the first that fit.
    var json: JSONValue {
        [
            "by": .string(measure.rawValue), "chosen": JSONValue(chosen), "first": JSONValue(first),
            "first_units": .array(names.map { .string($0) }), "message": .string(sentence),
        ]
    }

    private var names: [String] {
        instead.holds.flatMap { hold in
            (hold.cpus?.map { "cpu\($0)" } ?? []) + hold.units.map(\.name)
                + (hold.type == .memory ? hold.nodes?.map { "memory of node \($0)" } ?? [] : [])
        }
    }

    private var sentence: String {
        let shown = names.count > 8 ? "\(names.prefix(8).joined(separator: ", ")), …" : names.joined(separator: ", ")
        let others = "the first that fit, by number (\(shown)),"
        return switch measure {
        case .nodes: "they lie on \(count(chosen, "NUMA node")), and \(others) on \(first)"
        case .packages: "they lie on \(count(chosen, "package")), and \(others) on \(first)"
        case .dies: "they lie on \(count(chosen, "die")), and \(others) on \(first)"
        case .caches: "they share \(count(chosen, "L3 cache")), and \(others) \(first)"
        case .switches:
            "they lie on \(chosen) PCIe switch\(chosen == 1 ? "" : "es"), and \(others) on \(first)"
        case .later:
            "they leave more room for what is commonly asked for: \(chosen) requests of those that are tried fit beside them, "
                + "and \(first) beside \(others.dropLast())"
        case .shapes:
            "they leave no room for \(chosen) of the commonest shapes that fit now, and \(others) for \(first)"
        case .gpuRoom: "they make less room on GPUs useless to the commonest shapes than \(others.dropLast())"
        case .cpus: "they make fewer CPUs useless to the commonest shapes than \(others.dropLast())"
        case .distance: "their nodes are nearer to each other than those of \(others.dropLast())"
        case .fullest:
            "the fullest of what they are on is \(percent(chosen)) % full with them, and with \(others) \(percent(first)) %"
        }
    }

    private func count(_ number: Int64, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

    private func percent(_ thousandths: Int64) -> String { "\(thousandths / 10)" }
}
