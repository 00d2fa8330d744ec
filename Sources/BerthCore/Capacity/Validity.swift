internal import BerthJSON
internal import BerthModel

/// Whether a request makes sense on this host at all, before anything is counted.
extension Placement {
    /// Every rule that the request breaks, with its place in the request.
    func violations(_ resources: Resources) -> [Violation] {
        resources.asks.flatMap(violations(of:)) + violations(of: resources.storage)
            + resources.disks.flatMap(violations(of:))
    }

    private func violations(of ask: Ask) -> [Violation] {
        if ask.type.isProvided, capacity.provided[ask.type] == nil {
            let known = Placement.list(capacity.provided.keys.sorted().map(\.name))
            return [
                Violation(
                    code: "unknown_type", pointer: JSONPointer(["resources", ask.type.name]).description,
                    message: "no plugin provides \(ask.type) on this host",
                    hint: known.isEmpty ? "no plugin provides anything here" : "known: \(known)")
            ]
        }
        if ask.type == .gpu, ask.amount < ask.type.whole, ask.constraints["partition"] != nil {
            return [
                Violation(
                    code: "not_divisible", pointer: JSONPointer(["resources", ask.type.name]).description,
                    message:
                        "a part of a GPU that the hardware keeps apart is held whole, not \(ask.type.measure.text(ask.amount)) of it",
                    hint: "ask for 1 of such a \"partition\", or for a share of a GPU that is not cut up")
            ]
        }
        let place = JSONPointer(["resources", ask.type.name, "where"])
        let known = knownCapabilities(of: ask)
        return ask.constraints.keys.sorted().compactMap { name in
            guard !known.contains(name) else { return name == "numa" ? nodeViolation(of: ask, at: place) : nil }
            if ask.type == .cpu, !ask.exclusive {
                return Violation(
                    code: "unknown_capability", pointer: place.appending(name).excerpt,
                    message: "shared CPUs have no capabilities to choose by",
                    hint: "ask for whole cores with \"exclusive\": true")
            }
            return Violation(
                code: "unknown_capability", pointer: place.appending(name).excerpt,
                message: "no \(ask.type) of this host has the capability \(JSONValue.string(name).excerpt)",
                hint: known.isEmpty ? nil : "known: \(Placement.list(known))")
        }
    }

    private func violations(of ask: DiskAsk) -> [Violation] {
        let known = Set(capacity.disks.flatMap(\.capabilities.keys)).sorted()
        return ask.constraints.keys.sorted().filter { !known.contains($0) }.map { name in
            Violation(
                code: "unknown_capability", pointer: "/resources/storage",
                message: "no disk of this host has the capability \(JSONValue.string(name).excerpt)",
                hint: known.isEmpty ? "this host has no disks that Berth knows" : "known: \(Placement.list(known))")
        }
    }

    private func knownCapabilities(of ask: Ask) -> [String] {
        switch ask.type {
        case .cpu: ask.exclusive ? ["numa"] : []
        case .memory: ["numa"]
        case .network: capabilities(of: capacity.interfaces)
        case .pids, .storage: []
        default: capabilities(of: capacity.wholeUnits(ask.type))
        }
    }

    private func capabilities(of units: [Capacity.Unit]) -> [String] {
        Set(units.flatMap(\.capabilities.keys)).union(["numa"]).sorted()
    }

    private func nodeViolation(of ask: Ask, at place: JSONPointer) -> Violation? {
        guard let constraint = ask.constraints["numa"], ask.type == .cpu || ask.type == .memory else { return nil }
        let known =
            ask.type == .memory ? capacity.nodeMemory.keys.sorted() : capacity.topology.groups(.node).map(\.id)
        guard ask.nodes(among: known)?.isEmpty == true else { return nil }
        return Violation(
            code: "unknown_node", pointer: place.appending("numa").description,
            message: "this host has no NUMA node \(constraint.excerpt) with \(ask.type)",
            hint: "known: \(CPUSet(known))")
    }

    private func violations(of asks: [StorageAsk]) -> [Violation] {
        var seen: Set<String> = []
        let known = Placement.list(capacity.disks.map(\.name))
        return asks.compactMap { ask in
            let pointer = "/resources/storage"
            guard let disk = capacity.disk(named: ask.device) else {
                return Violation(
                    code: "unknown_device", pointer: pointer,
                    message: "this host has no disk \(JSONValue.string(ask.device).excerpt)",
                    hint: known.isEmpty ? "this host has no disks that Berth knows" : "known: \(known)")
            }
            guard seen.insert(disk.name).inserted else {
                return Violation(
                    code: "duplicate_device", pointer: pointer,
                    message: "\"\(ask.device)\" is on the disk \"\(disk.name)\", which is given already",
                    hint: "give each disk once")
            }
            return nil
        }
    }

    /// Names as a hint lists them: the first few, for each violation has its own hint.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(16).joined(separator: ", ")
        return names.count > 16 ? "\(shown) and \(names.count - 16) more" : shown
    }
}
