internal import BerthJSON
internal import BerthModel

/// Other reservations that a request lies near to or apart from, and what of theirs counts.
struct Neighbours: Sendable {
    /// What the request says of them.
    let affinity: Affinity
    /// Whether it is to lie apart from them.
    let isApart: Bool
    /// Whether a request asks for this, and not a change of what was granted.
    let isAsked: Bool
    /// The NUMA nodes that they touch.
    var nodes = CPUSet()
    /// The GPUs and interfaces that they hold a part of.
    var units: [ResourceType: Set<String>] = [:]

    /// Types of which several reservations can hold one unit.
    static let shared: [ResourceType] = [.gpu, .network]

    /// Whether there is nothing to be near to, or apart from.
    var isNothing: Bool { affinity.scope == .numa ? nodes.isEmpty : units.isEmpty }

    /// Where a request may still lie.
    func narrow(_ bounds: Bounds) -> Bounds {
        switch (affinity.scope, isApart) {
        case (.numa, false): bounds.near(nodes)
        case (.numa, true): bounds.apart(from: nodes)
        case (.unit, false): bounds.near(units)
        case (.unit, true): bounds.apart(from: units)
        }
    }

    /// What is wrong with resources that lie nowhere, so that they can be neither near nor apart.
    func violation(in resources: Resources) -> Violation? {
        guard isAsked, !affinity.isPreferred, !resources.asks.contains(where: lies) else { return nil }
        return Violation(
            code: "no_place", pointer: pointer,
            message: affinity.scope == .numa
                ? "nothing that is asked is bound to NUMA nodes, so it is neither near to others nor apart from them"
                : "no GPU or interface is asked that it could share with \(target)",
            hint: affinity.scope == .numa
                ? "ask for exclusive CPUs, for memory with \"where\": {\"numa\": \">=0\"}, or for units; or leave it out"
                : "leave it out, or say \"by\": \"numa\"")
    }

    private func lies(_ ask: Ask) -> Bool {
        guard affinity.scope == .numa else {
            return isApart ? Neighbours.shared.contains(ask.type) : units[ask.type] != nil
        }
        return switch ask.type {
        case .cpu: ask.exclusive
        case .memory: ask.constraints["numa"] != nil
        case .pids, .storage: false
        default: true
        }
    }

    /// The rule as one that is broken.
    var violation: Violation {
        let place =
            affinity.scope == .numa
            ? "NUMA node \(nodes)"
            : units.sorted { $0.key < $1.key }.flatMap { $0.value.sorted() }.joined(separator: ", ")
        let message =
            isNothing
            ? "\(target) \(affinity.scope == .numa ? "lies on no NUMA node" : "holds no GPU and no interface")"
            : isApart ? "it must not lie on \(place), where \(target) lies" : "it must lie on \(place), with \(target)"
        return Violation(
            code: isApart ? "anti_affinity" : "affinity", pointer: pointer, message: message,
            hint: "say \"preferred\": true where it need not be so, or leave it out")
    }

    private var pointer: String { isApart ? "/anti_affinity" : "/affinity" }

    /// There are no such reservations.
    var absence: Refusal {
        switch affinity.target {
        case .reservation:
            .invalid([
                Violation(
                    code: "unknown_reservation", pointer: pointer, message: "the caller has no live \(target)",
                    hint: "`berth list` shows those that are live")
            ])
        case .labels:
            .unmet(
                [],
                [
                    Violation(
                        code: "affinity", pointer: pointer, message: "no live reservation of the caller is \(labels)",
                        hint: "reserve one first, or say \"preferred\": true where it need not be so")
                ])
        }
    }

    /// There are some now, and none at the time that this is about.
    var departure: Refusal {
        .unmet(
            [],
            [
                Violation(
                    code: "affinity", pointer: pointer, message: "\(target) is over by then",
                    hint: "renew it first, or say \"preferred\": true where it need not be so")
            ])
    }

    private var target: String {
        switch affinity.target {
        case .reservation(let id): "reservation \(id)"
        case .labels: "what is \(labels)"
        }
    }

    private var labels: String {
        guard case .labels(let labels) = affinity.target else { return "" }
        let texts = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "labelled \(JSONValue.string(texts.joined(separator: ",")).excerpt)"
    }
}

extension Capacity {
    /// The NUMA nodes that a grant touches: by whole cores, by memory that is bound, and by units.
    func nodes(of grant: Grant) -> CPUSet {
        grant.holds.reduce(into: CPUSet()) { nodes, hold in
            nodes = nodes.union(hold.nodes ?? CPUSet())
            guard !hold.units.isEmpty else { return }
            let names = Set(hold.units.map(\.name))
            let units = hold.type == .network ? interfaces : wholeUnits(hold.type)
            nodes = nodes.union(CPUSet(units.filter { names.contains($0.name) }.compactMap(\.node)))
        }
    }
}
