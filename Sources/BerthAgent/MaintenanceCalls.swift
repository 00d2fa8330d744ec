internal import BerthCore
package import BerthJSON
package import BerthModel

/// The calendar of maintenance, as clients see it and administrators change it.
extension Agent {
    /// Takes this to be what the configuration says of maintenance from now on.
    package func setMaintenance(_ windows: [MaintenanceWindow]) {
        state.windows = windows
        admitWaiting()
        setAlarm()
    }

    /// What is to be doubted of the configuration's windows, as sentences: hardware that they cover may come later, or never.
    package func maintenanceDoubts() -> [String] {
        let now = ports.clock.now().wall
        let added = state.keptMaintenance.filter { !$0.times(from: now, most: 1).isEmpty }
        return state.windows.flatMap { window -> [String] in
            let unknown = state.capacity?.unknown(in: window.covers) ?? []
            let doubts = unknown.map { "\($0.message)" + ($0.hint.map { " (\($0))" } ?? "") }
            let isAdded = added.contains { $0.id == window.id && $0 != window }
            let twin = "another of its name was added by an administrator, and both count (berth maintenance remove)"
            return (doubts + (isAdded ? [twin] : [])).map { "the maintenance \(window.id): \($0)" }
        }
    }

    /// Every window that is on or to come, the soonest first.
    package func maintenance(for peer: Peer) throws(AgentError) -> [JSONValue] {
        try need(.observe, peer)
        let now = ports.clock.now()
        let next = state.maintenance.compactMap { window in
            window.times(from: now.wall, most: 1).first.map { (start: $0.lowerBound, window: window) }
        }
        return next.sorted { ($0.start, $0.window.id) < ($1.start, $1.window.id) }.map { start, window in
            .object(json(window, now, isConfigured: state.isConfigured(window)))
        }
    }

    /// Puts a window into the calendar.
    package func addMaintenance(_ asked: MaintenanceWindow, by peer: Peer) async throws(AgentError) -> JSONValue {
        try need(.admin, peer)
        let now = ports.clock.now()
        var window = asked
        if let capacity = state.capacity {
            let unknown = capacity.unknown(in: asked.covers)
            guard unknown.isEmpty else { throw .refused(.invalid(unknown)) }
            window.covers = capacity.known(asked.covers)
        }
        guard window.isWeekly || window.end > now.wall else {
            throw .refused(
                .invalid([
                    Violation(
                        code: "invalid_window", pointer: "/end", message: "the window is over: it is \(now.wall) now")
                ]))
        }
        try await changeCalendar(.addWindow(window))
        var object = json(window, now, isConfigured: false)
        let conflicts = conflicts(with: window, now)
        if !conflicts.isEmpty { object["conflicts"] = .array(conflicts) }
        return .object(object)
    }

    /// Takes a window out that was put in.
    package func removeMaintenance(_ id: String, by peer: Peer) async throws(AgentError) -> JSONValue {
        try need(.admin, peer)
        let now = ports.clock.now()
        let window = state.keptMaintenance.first { $0.id == id }
        try await changeCalendar(.removeWindow(id))
        return window.map { .object(json($0, now, isConfigured: false)) } ?? [:]
    }

    /// Who holds, or is promised, something that a window covers at some time of it, in the order of their starts.
    private func conflicts(with window: MaintenanceWindow, _ now: Now) -> [JSONValue] {
        var found: [(start: Timestamp, id: ReservationID, end: Timestamp?)] = []
        for reservation in state.kept {
            let booking = reservation.waiting?.booking
            guard reservation.isLive || booking != nil else { continue }
            let start = booking?.start ?? reservation.grantedAt ?? reservation.createdAt
            let end = booking?.end ?? (reservation.lease == nil ? nil : reservation.expiresAt)
            guard let time = window.times(from: max(start, now.wall), most: 1).first,
                end.map({ time.lowerBound < $0 }) ?? true,
                state.isWithheld(booking?.grant ?? reservation.grant, by: window.covers)
            else { continue }
            found.append((start, reservation.id, end))
        }
        return found.sorted { ($0.start, $0.id) < ($1.start, $1.id) }.map { start, id, end in
            var object: JSONObject = ["id": .string(id.description), "start": .string(start.description)]
            object["end"] = end.map { .string($0.description) }
            return .object(object)
        }
    }

    private func changeCalendar(_ command: Command) async throws(AgentError) {
        try needServing()
        let (decision, stored) = carryOut(command)
        if case .refused(let refusal) = decision.answer { throw .refused(refusal) }
        try await settle(stored)
    }

    private func json(_ window: MaintenanceWindow, _ now: Now, isConfigured: Bool) -> JSONObject {
        var object = window.json
        object["origin"] = isConfigured ? "configuration" : "api"
        if let next = window.times(from: now.wall, most: 1).first {
            object["next"] = [
                "start": .string(next.lowerBound.description), "end": .string(next.upperBound.description),
            ]
            object["on"] = .bool(next.lowerBound <= now.wall)
        }
        return object
    }
}
