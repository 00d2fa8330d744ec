package import BerthCore
package import BerthJSON
package import BerthModel

/// A reservation as one client sees it: with its environment and its use.
package struct ReservationView: Hashable, Sendable {
    package var reservation: Reservation
    package var environment: [String: String]
    package var usage: Usage?
    /// What it uses of what plugins provide, in their words, by type.
    package var providedUsage: [ResourceType: JSONObject] = [:]
    /// Where it stands among those who wait; nil where it does not wait.
    package var queue: QueueView?
    /// Where its leaf lies; nil where it has none.
    package var cgroup: String?
    /// What keeps its units though it has ended; nil where nothing does.
    package var quarantine: Quarantine?

    package init(
        reservation: Reservation, environment: [String: String], usage: Usage?, cgroup: String? = nil,
        quarantine: Quarantine? = nil
    ) {
        self.reservation = reservation
        self.environment = environment
        self.usage = usage
        self.cgroup = cgroup
        self.quarantine = quarantine
    }

    /// What it uses, with what plugins say of theirs.
    package var usageJSON: JSONValue? {
        guard !providedUsage.isEmpty else { return usage?.json }
        guard case .object(var object) = usage?.json ?? [:] else { return nil }
        object["types"] = .object(
            JSONObject(providedUsage.sorted { $0.key < $1.key }.map { ($0.key.name, .object($0.value)) }))
        return .object(object)
    }
}
