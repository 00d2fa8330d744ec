package import BerthJSON
package import BerthModel

/// A reservation as one client sees it: with its environment and its use.
package struct ReservationView: Hashable, Sendable {
    package var reservation: Reservation
    package var environment: [String: String]
    package var usage: Usage?

    package init(reservation: Reservation, environment: [String: String], usage: Usage?) {
        self.reservation = reservation
        self.environment = environment
        self.usage = usage
    }

    /// The reservation's document.
    package var json: JSONValue {
        var object = reservation.json
        object["env"] = .object(JSONObject(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        object["usage"] = usage.map(\.json)
        return .object(object)
    }
}

extension Usage {
    /// What is known, by name: `cpu_seconds`, `memory_bytes`, `memory_peak_bytes`, `pids`.
    var json: JSONValue {
        var object: JSONObject = [:]
        object["cpu_seconds"] = cpuMicroseconds.map { .number(JSONNumber($0, decimals: 6)) }
        object["memory_bytes"] = memoryBytes.map { JSONValue($0) }
        object["memory_peak_bytes"] = memoryPeakBytes.map { JSONValue($0) }
        object["pids"] = pids.map { JSONValue($0) }
        return .object(object)
    }
}
