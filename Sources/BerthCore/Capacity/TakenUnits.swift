internal import BerthModel

/// Which units of a type cannot be held for what is held already: they themselves, a part of them, or what they are a part
/// of.
struct TakenUnits {
    private let type: ResourceType
    private let held: [String: Quantity]
    /// Wholes of which a part is held.
    private let broken: Set<String>
    /// Those of which a part is held under the kernel's own name, so that nobody knows which part of the plugin's it is.
    private let covered: Set<String>
    /// Those of which a part is held under the plugin's name, so that the kernel's own are not to be had.
    private let cut: Set<String>
    /// Those of which there are parts, held or not.
    private let wholes: Set<String>

    init(_ type: ResourceType, _ units: [Capacity.Unit], _ held: [String: Quantity]) {
        self.type = type
        self.held = held
        wholes = Set(units.lazy.compactMap(\.parent))
        let parts = held.isEmpty ? [] : units.filter { $0.parent != nil && held[$0.name] != nil }
        broken = Set(parts.compactMap(\.parent))
        covered = Set(parts.filter(\.isCovered).compactMap(\.parent))
        cut = Set(parts.filter { !$0.isCovered }.compactMap(\.parent))
    }

    /// Whether nothing more of it can be held.
    func contains(_ unit: Capacity.Unit) -> Bool { room(on: unit) == .zero }

    /// Whether so much of it can be held besides: the whole where nobody holds any of it, or a share where others hold
    /// shares only. What is a part of a GPU already is held whole.
    func hasRoom(for quantity: Quantity, on unit: Capacity.Unit) -> Bool {
        quantity <= room(on: unit) && (quantity == type.whole || !unit.isPart)
    }

    /// How much of a unit nobody holds.
    func room(on unit: Capacity.Unit) -> Quantity {
        isBlocked(unit) ? .zero : max(type.whole - (held[unit.name] ?? .zero), .zero)
    }

    /// Units in the order in which they are best taken: parts of what is cut up already before others, and what there are
    /// no parts of before what would keep others from them.
    func sorted(_ units: [Capacity.Unit]) -> (better: [Capacity.Unit], others: [Capacity.Unit]) {
        guard !wholes.isEmpty else { return (units, []) }
        func isBetter(_ unit: Capacity.Unit) -> Bool {
            unit.parent.map(broken.contains) ?? !wholes.contains(unit.name)
        }
        return (units.filter(isBetter), units.filter { !isBetter($0) })
    }

    private func isBlocked(_ unit: Capacity.Unit) -> Bool {
        broken.contains(unit.name)
            || unit.parent.map { held[$0] != nil || (unit.isCovered ? cut : covered).contains($0) } ?? false
    }
}
