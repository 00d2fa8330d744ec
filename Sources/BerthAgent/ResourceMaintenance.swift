internal import BerthCore
internal import BerthModel

/// What of a type is under maintenance.
extension ResourceReport {
    /// The report with what nobody is granted for the sake of maintenance.
    /// - Parameter times: those that are on or to come, the soonest first
    func maintained(
        in times: [(window: MaintenanceWindow, start: Timestamp, end: Timestamp)], of capacity: Capacity, _ now: Now
    ) -> ResourceReport {
        var report = self
        // A unit that several windows cover is withheld once.
        var covers = Withheld()
        for (window, start, end) in times where window.covers.touches(type) {
            let isOn = start <= now.wall
            if isOn { covers.formUnion(window.covers) }
            // What is on for all of it says more than what is on for a part.
            if report.maintenance == nil || (isOn && window.covers.contains(type)) {
                report.maintenance = Maintenance(
                    window: window.id, start: start, end: end, reason: window.reason, isOn: isOn)
            }
        }
        guard covers.touches(type) else { return report }
        let covered = capacity.covered(by: covers, of: type)
        for place in units.indices where covers.contains(type) || covered.all.contains(units[place].name) {
            if units[place].state == .available { report.units[place].state = .maintenance }
        }
        report.withheld =
            covers.contains(type)
            ? self.capacity ?? .zero
            : units.filter { covered.counted.contains($0.name) && $0.failure == nil }
                .map { max(($0.capacity ?? .zero) - $0.held, .zero) }.reduce(.zero, +)
        return report
    }
}

extension Capacity {
    /// The names of the units of a type that are covered, and of those that are counted in what there is of it: not parts.
    fileprivate func covered(by covers: Withheld, of type: ResourceType) -> (all: Set<String>, counted: Set<String>) {
        switch type {
        case .cpu, .memory, .pids: return ([], [])
        case .storage: return (Set(disks.filter(covers.covers).map(\.name)), [])
        default:
            let units = (type == .network ? interfaces : wholeUnits(type)).filter { covers.covers($0, of: type) }
            return (Set(units.map(\.name)), Set(units.filter { $0.parent == nil }.map(\.name)))
        }
    }
}
