internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What a window covers, beside what the host has.
extension Capacity {
    /// The same with a disk in place of a partition of it: that is what is granted.
    func known(_ covers: Withheld) -> Withheld {
        var known = covers
        known.units[.storage] = covers.units[.storage].map { names in
            Set(names.map { disk(named: $0)?.name ?? $0 })
        }
        return known
    }

    /// Everything in it that this host does not have, each with its place in the body of a window. Such a thing would be
    /// covered in vain.
    func unknown(in covers: Withheld) -> [Violation] {
        let types = covers.types.union(covers.units.keys)
        return types.sorted().flatMap { type -> [Violation] in
            let pointer = JSONPointer(["resources", type.name]).description
            if type.isProvided, provided[type] == nil {
                let known = provided.keys.sorted().map(\.name)
                return [
                    Violation(
                        code: "unknown_type", pointer: pointer, message: "no plugin provides \(type) on this host",
                        hint: known.isEmpty ? "no plugin provides anything here" : "known: \(Capacity.list(known))")
                ]
            }
            let names = names(of: type)
            let unknown = (covers.units[type] ?? []).sorted().filter { unit in
                type == .storage ? disk(named: unit) == nil : !names.contains(unit)
            }
            return unknown.map { unit in
                Violation(
                    code: "unknown_unit", pointer: pointer,
                    message: "this host has no \(type) \(JSONValue.string(unit).excerpt)",
                    hint: names.isEmpty ? "this host has none that Berth knows" : "known: \(Capacity.list(names))")
            }
        }
    }

    private func names(of type: ResourceType) -> [String] {
        switch type {
        case .storage: disks.map(\.name)
        case .network: interfaces.map(\.name)
        default: wholeUnits(type).map(\.name)
        }
    }

    /// Names as a hint lists them: the first few.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(16).joined(separator: ", ")
        return names.count > 16 ? "\(shown) and \(names.count - 16) more" : shown
    }
}
