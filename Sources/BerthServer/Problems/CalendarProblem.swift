internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What is in the way at some time to come.
extension Problem {
    /// What would still be held at a start that is promised.
    /// - Parameter id: whose start that is; nil where the asker may not know of it
    init(runningInto id: ReservationID?, at start: Timestamp) {
        self.init(
            .wouldDelay,
            "it would still be held at \(start), when it is promised to another",
            hint: "say a \"lease\" that is over by then, or \"wait\" until that one has ended",
            members: ["start": .string(start.description)])
        members["reservation"] = id.map { .string($0.description) }
    }

    /// What would be held in a time of maintenance.
    init(_ window: MaintenanceWindow, from start: Timestamp, until end: Timestamp) {
        let what = window.reason.map { ": \($0)" } ?? ""
        self.init(
            .maintenance, "it would be held in the maintenance \(window.id), from \(start) to \(end)\(what)",
            // Without a lease there is no moment after which it does not come again.
            hint: window.isWeekly
                ? "say a \"lease\" that is over before it begins: it comes again every week, so \"wait\" helps only with a \"lease\""
                : "\"wait\" until it is over, or say a \"lease\" that is over before it begins",
            members: [
                "window": .string(window.id), "start": .string(start.description), "end": .string(end.description),
            ])
        if window.isWeekly { members["repeat"] = "weekly" }
    }

    /// What does not fit at the start that it asks for.
    /// - Parameter first: the first time after it at which it would; nil where nobody knows one
    init(_ refusals: [Refusal], at start: Timestamp, first: Timestamp?) {
        self = refusals.first.map { Problem($0) } ?? Problem(.insufficient, "it does not fit")
        detail = "at \(start): \(detail)"
        hint =
            first.map { "from \($0) on it would fit" }
            ?? hint.map { Problem.hint($0, of: refusals.first, atStart: start) }
        members["start"] = .string(start.description)
        members["first_start"] = first.map { .string($0.description) }
    }

    /// A hint for what has a start: that does not wait.
    static func hint(_ hint: String, of refusal: Refusal?, atStart start: Timestamp) -> String {
        if case .maintenance(_, let begins, _) = refusal {
            return begins <= start
                ? "ask for another \"start\"" : "say a \"lease\" that is over by then, or another \"start\""
        }
        return hint.contains("\"wait\"") ? "ask for less, or for another \"start\"" : hint
    }
}
