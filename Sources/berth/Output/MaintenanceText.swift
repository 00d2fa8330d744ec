internal import BerthJSON

/// Maintenance windows as a person wants to read them.
enum MaintenanceText {
    /// What a window covers: `gpu network=eth0`.
    static func covers(_ window: JSONValue) -> String {
        let members = (window["resources"]?.members ?? [:]).map { type, units in
            units == "all" ? type : "\(type)=" + units.elements.compactMap(\.text).joined(separator: ",")
        }
        return members.isEmpty ? "all" : members.joined(separator: " ")
    }

    /// A window on one line: its name, its times and what it covers.
    static func line(_ window: JSONValue) -> String {
        func time(_ member: String) -> String { window[member]?.text.map(ReservationText.time) ?? "?" }
        return [
            "\(window["id"]?.text ?? "?") from \(time("start")) to \(time("end"))",
            window["repeat"]?.text.map { "and again \($0)" }, "covers \(covers(window))",
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// Warnings of those that hold, or are promised, what a window covers that was just added: so many at the most.
    static func conflicts(_ window: JSONValue, now: String, most: Int = 16) -> [String] {
        let conflicts = window["conflicts"]?.elements ?? []
        let lines = conflicts.prefix(most).map { conflict in
            let start = conflict["start"]?.text ?? ""
            let end = conflict["end"]?.text.map { " until \(ReservationText.time($0))" } ?? ""
            // Times of the agent are of one length.
            let what = start > now ? "is promised" : "holds"
            let begin = start > now ? " from \(ReservationText.time(start))" : ""
            return "\(conflict["id"]?.text ?? "?") \(what) something that it covers\(begin)\(end)".printable
        }
        return lines + (conflicts.count > most ? ["\(conflicts.count - most) more do"] : [])
    }
}
