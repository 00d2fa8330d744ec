internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What is in the way at some time to come.
extension Problem {
    /// What would still be held at a start that is promised.
    /// - Parameter id: whose start that is; nil where the asker may not know of it
    init(runningInto id: ReservationID?, at start: Timestamp, for asker: Asker) {
        self.init(
            .wouldDelay,
            "it would still be held at \(start), when it is promised to another",
            hint: asker.hint(
                toWait: "say a \"lease\" that is over by then, or \"wait\" until that one has ended",
                whileWaiting: "its turn comes; with a \"lease\" that is over by then it may begin sooner"),
            members: ["start": .string(start.description)])
        members["reservation"] = id.map { .string($0.description) }
    }

    /// What would be held in a time of maintenance.
    init(_ window: MaintenanceWindow, from start: Timestamp, until end: Timestamp, for asker: Asker) {
        let what = window.reason.map { ": \($0)" } ?? ""
        self.init(
            .maintenance, "it would be held in the maintenance \(window.id), from \(start) to \(end)\(what)",
            hint: Problem.hint(window, from: start, for: asker),
            members: [
                "window": .string(window.id), "start": .string(start.description), "end": .string(end.description),
            ])
        if window.isWeekly { members["repeat"] = "weekly" }
    }

    /// What does not fit at the start that it asks for.
    /// - Parameter first: the first time after it at which it would; nil where nobody knows one
    init(_ refusals: [Refusal], at start: Timestamp, first: Timestamp?) {
        self =
            refusals.first.map { Problem($0, for: .later(start)) } ?? Problem(.insufficient, "it does not fit")
        detail = "at \(start): \(detail)"
        if let first { hint = "from \(first) on it would fit" }
        members["start"] = .string(start.description)
        members["first_start"] = first.map { .string($0.description) }
    }

    /// What helps against maintenance.
    private static func hint(_ window: MaintenanceWindow, from begins: Timestamp, for asker: Asker) -> String {
        switch asker {
        case .later(let start):
            begins <= start
                ? "ask for another \"start\"" : "say a \"lease\" that is over by then, or another \"start\""
        // Without a lease there is no moment after which it does not come again.
        case .now where window.isWeekly, .waited where window.isWeekly:
            "say a \"lease\" that is over before it begins: it comes again every week, so \"wait\" helps only with a \"lease\""
        case .now, .waited: "\"wait\" until it is over, or say a \"lease\" that is over before it begins"
        case .holding: "renew it with a \"lease\" that is over before it begins"
        case .waiting: "its turn comes when it is over, or sooner with a \"lease\" that ends before one begins"
        }
    }
}
