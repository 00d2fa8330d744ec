internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What would make a request fit, as a sentence.
extension Change {
    /// The sentence.
    func sentence(of asked: ReservationRequest, at now: Now) -> String {
        let whose = choice == 0 ? "It" : "Alternative \(choice)"
        switch what {
        case .less(let parts):
            let texts = parts.map { "\($0.thing) instead of \($0.measure.shortText($0.asked))" }
            return "\(whose) would fit with \(Change.list(texts))."
        case .node(let types, let constraint, let node):
            let names = types.count > 1 ? ", all of \(Change.list(types.map(\.name)))" : " of \(types[0])"
            let former = constraint.json == JSONValue(node) ? "" : " instead of \(constraint.excerpt)"
            return "\(whose) would fit on NUMA node \(node)\(former)\(names)."
        case .fact(let type, let name, let constraint, let instead, let there):
            let found = there.isEmpty ? "" : "; there it is \(Change.list(there.map(\.excerpt)))"
            guard let instead else {
                return "\(whose) would fit without \(type).\(name) \(constraint.excerpt)\(found)."
            }
            return "\(whose) would fit with \(type).\(name) \(instead.excerpt) instead of \(constraint.excerpt)."
        case .shared: return "\(whose) would fit with shared CPU time instead of whole cores."
        case .same: return "It would fit on several NUMA nodes together."
        case .near(let affinity, let isApart):
            return isApart
                ? "It would fit beside \(affinity.text)." : "It would fit elsewhere than near \(affinity.text)."
        case .lease(let lease):
            let former = asked.lease.map { "a lease of \(lease.text) instead of \($0.text)" }
            return "It would fit now with \(former ?? "a lease of \(lease.text)")."
        case .priority(let priority): return "It would fit with the priority \(priority)."
        case .later(let moment, let after):
            let time = (now.wall + .milliseconds(moment - now.uptime)).description
            let ids = Change.list(after.map(\.description))
            let ends = after.isEmpty ? "" : ", when the lease of \(ids) ends"
            return "It would fit at \(time)\(ends)."
        case .preempt(let known, let others, let by):
            let time = (now.wall + .milliseconds(by - now.uptime)).description
            let rest =
                others == 0 ? [] : [others == 1 ? "one reservation of others" : "\(others) reservations of others"]
            return "It would fit once \(Change.list(known.map(\.description) + rest)) had gone for it, by \(time)."
        }
    }

    private static func list(_ texts: [String]) -> String {
        guard texts.count > 1, let last = texts.last else { return texts.first ?? "" }
        return texts.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension Change.Less {
    /// So much of it, as a clause has it.
    fileprivate var thing: String {
        let text = measure.shortText(fits)
        if let disk, let rate = disk.rate {
            return "\(text) as \(rate.split(separator: "_").joined(separator: " ")) of \(disk.disk)"
        }
        let isOne = text == "1"
        switch type {
        case .cpu: return "\(text) \(isOne ? "CPU" : "CPUs")"
        case .gpu: return "\(text) \(isOne ? "GPU" : "GPUs")"
        case .pids: return "\(text) \(isOne ? "process" : "processes")"
        default: return "\(text) of \(type)"
        }
    }
}

extension Affinity {
    fileprivate var text: String {
        switch target {
        case .reservation(let id): "reservation \(id)"
        case .labels(let labels):
            "what is labelled "
                + JSONValue.string(
                    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                ).excerpt
        }
    }
}
