package import BerthModel

/// Maintenance: within a window nothing of what it covers is granted, and nothing that would still be held when it begins.
extension State {
    /// So many of the times of one that comes again are looked ahead.
    private static let repetitions = 8

    /// Every window, as configured and as administrators have said since, by name.
    package var maintenance: [MaintenanceWindow] {
        (windows + added.values).sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    /// Whether there is any window.
    package var hasMaintenance: Bool { !windows.isEmpty || !added.isEmpty }

    /// The windows that administrators have added, for a snapshot.
    package var keptMaintenance: [MaintenanceWindow] { added.values.sorted { $0.id < $1.id } }

    /// Whether a window is one of the configuration's: an administrator may have added another of its name.
    package func isConfigured(_ window: MaintenanceWindow) -> Bool { windows.contains(window) }

    /// The times of all windows that are on or to come, the soonest first.
    package func maintenanceTimes(
        _ now: Now
    ) -> [(window: MaintenanceWindow, start: Timestamp, end: Timestamp)] {
        guard hasMaintenance else { return [] }
        return maintenance.flatMap { window in
            window.times(from: now.wall, most: State.repetitions).map { (window, $0.lowerBound, $0.upperBound) }
        }.sorted { ($0.start, $0.window.id) < ($1.start, $1.window.id) }
    }

    /// When the first of the windows is over that are on or to come: what it covers is to be had again. Nil where there is none.
    func endOfMaintenance(_ now: Now) -> Timestamp? {
        guard hasMaintenance else { return nil }
        return (windows + added.values).compactMap { $0.times(from: now.wall, most: 1).first?.upperBound }.min()
    }

    /// What windows that come again cover, and from when on they are not looked ahead for any more.
    func unseenMaintenance(_ now: Now) -> [(covers: Withheld, from: Timestamp)] {
        maintenance.filter(\.isWeekly).compactMap { window in
            window.times(from: now.wall, most: State.repetitions).last.map { (window.covers, $0.upperBound) }
        }
    }

    /// The times of all windows that are on at some time between two.
    func maintenanceTimes(
        from start: Timestamp, until end: Timestamp
    ) -> [(window: MaintenanceWindow, start: Timestamp, end: Timestamp)] {
        maintenance.flatMap { window in
            // A lease is ten years at the most.
            window.times(from: start, most: 600).prefix { $0.lowerBound < end }
                .map { (window, $0.lowerBound, $0.upperBound) }
        }.sorted { ($0.start, $0.window.id) < ($1.start, $1.window.id) }
    }

    /// Whether what is held from now until then is in nobody's way: nobody waits, or was promised it, and no window begins.
    func isClear(until end: Timestamp?, _ now: Now) -> Bool {
        guard waiters.isClear(until: end) else { return false }
        guard let first = maintenanceTimes(now).first else { return true }
        guard let end else { return false }
        return end <= first.start
    }

    /// Puts a window into the calendar.
    func addWindow(_ window: MaintenanceWindow, _ now: Now) throws(Refusal) -> Decision {
        // The name of one that is over is free again.
        let isTaken = maintenance.contains { $0.id == window.id && !$0.isOver(now.wall) }
        guard !isTaken else { throw .windowExists(window.id) }
        return Decision(changes: [.maintenanceAdded(window)], answer: .nothing)
    }

    /// Takes one out that was put in.
    func removeWindow(_ id: String) throws(Refusal) -> Decision {
        guard added[id] != nil else {
            throw windows.contains { $0.id == id } ? .windowConfigured(id) : .windowUnknown(id)
        }
        return Decision(changes: [.maintenanceRemoved(id)], answer: .nothing)
    }
}

extension MaintenanceWindow {
    /// Whether it never comes again.
    func isOver(_ now: Timestamp) -> Bool { times(from: now, most: 1).isEmpty }
}

extension Plan {
    /// Takes what windows cover to be had by nobody in these times of theirs.
    mutating func withhold(_ times: [(window: MaintenanceWindow, start: Timestamp, end: Timestamp)], _ now: Now) {
        for (window, start, end) in times {
            timeline.withhold(window.covers, from: now.uptime(of: max(start, now.wall)), until: now.uptime(of: end))
        }
    }
}
