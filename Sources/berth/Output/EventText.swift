internal import BerthJSON

/// Events as a person wants to read them, one line each.
enum EventText {
    /// Number, time, reservation, what happened and what changed.
    static func line(_ event: StreamedEvent) -> String {
        let data = event.data
        let time = data["at"]?.text.map { ReservationText.time($0) } ?? "-"
        let words = [
            "\(event.id)", time, data["reservation"]?.text ?? "-", event.name, change(event),
        ].compactMap { $0 }
        return words.joined(separator: "  ").printable + "\n"
    }

    private static func change(_ event: StreamedEvent) -> String? {
        let data = event.data
        switch event.name {
        case "queued", "granted", "resized":
            let resources = (data["resources"]?.members ?? [:]).map { type, hold in
                let disks = hold.elements.compactMap { $0["device"]?.text }
                return "\(type)="
                    + (disks.isEmpty ? QuantityCell.text(hold["amount"], of: type) : disks.joined(separator: ","))
            }
            let start = data["start"]?.text.map { "for \(ReservationText.time($0))" }
            let words = resources + [data["name"]?.text.map { "\"\($0)\"" }, start].compactMap { $0 }
            return words.joined(separator: " ")
        case "renewed": return data["expires_at"]?.text.map { "until \(ReservationText.time($0))" }
        case "preempted":
            let end = data["ends_at"]?.text.map { "by \(ReservationText.time($0))" }
            return [data["by"]?.text.map { "for \($0)" }, end].compactMap { $0 }.joined(separator: " ")
        case "warned": return data["signal"]?.text
        case "attached", "exited", "left", "returned": return data["pid"]?.integer.map { "process \($0)" }
        case "enforced":
            let receipts = data["receipts"]?.elements ?? []
            return receipts.map { "\($0["type"]?.text ?? "?")=\($0["status"]?.text ?? "?")" }.joined(separator: " ")
        case "arrived": return data["barrier"]?.text.map { "at \($0)" }
        case "lent": return ReservationText.loan(data) ?? "all is given back"
        case "ended": return data["reason"]?.text.map(EndingText.clause)
        case "moved": return data["pool"]?.text.map { "to the pool \($0)" }
        case "amended":
            let amendments = data["amendments"]?.elements ?? []
            return amendments.map { "\($0["pointer"]?.text ?? "?") by \($0["validator"]?.text ?? "?")" }
                .joined(separator: " ")
        case "pools_changed": return data["pools"]?.elements.compactMap { $0["name"]?.text }.joined(separator: " ")
        case "maintenance_added": return data["window"].map(MaintenanceText.line)
        case "maintenance_removed": return data["window"]?["id"]?.text
        case "booted": return data["boot"]?.text
        default: return nil
        }
    }
}
