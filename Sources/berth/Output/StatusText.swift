internal import BerthJSON
internal import BerthModel

/// The agent and the host's resources as a person wants to read them.
enum StatusText {
    /// The agent's line.
    static func agent(_ health: JSONValue, at path: String) -> String {
        let uptime = health["uptime"].flatMap(duration).map { "for \($0)" }
        let words = [health["state"]?.text ?? "?", uptime].compactMap { $0 }.joined(separator: " ")
        let version = health["version"]?.text.map { "version \($0)" }
        var lines = Lines()
        lines.add("Agent", words, version, path)
        return lines.text + "\n"
    }

    /// One line a type.
    static func resources(_ reports: [JSONValue]) -> String {
        var table = Table(["TYPE", "CAPACITY", "RESERVED", "HELD", "FREE", "UNITS"], right: [1, 2, 3, 4])
        for report in reports {
            let type = report["type"]?.text
            func cell(_ name: String) -> String { QuantityCell.text(report[name], of: type) }
            let units = report["units"]?.elements ?? []
            // Of rates of disks only ceilings are known; a zero beside an unknown capacity would say something.
            let isUnknown = report["capacity"] == .null
            let notes = [units.isEmpty ? nil : summary(units), maintenance(report["maintenance"])].compactMap { $0 }
            table.add([
                type ?? "?", cell("capacity"), isUnknown ? "-" : cell("system_reserved"),
                isUnknown ? "-" : cell("held"),
                cell("free"), notes.isEmpty ? "-" : notes.joined(separator: ", "),
            ])
        }
        return table.text
    }

    /// One line a unit.
    static func units(_ reports: [JSONValue]) -> String {
        var table = Table(["TYPE", "UNIT", "STATE", "CAPACITY", "HELD", "FACTS"], right: [3, 4])
        for report in reports {
            let type = report["type"]?.text
            for unit in report["units"]?.elements ?? [] {
                let facts = (unit["capabilities"]?.members ?? [:]).map {
                    "\($0.key)=\($0.value.text ?? $0.value.description)"
                }
                table.add([
                    type ?? "?", unit["name"]?.text ?? "?", unit["state"]?.text ?? "?",
                    QuantityCell.text(unit["capacity"], of: type), QuantityCell.text(unit["held"], of: type),
                    ([unit["reason"]?.text].compactMap { $0 } + facts).joined(separator: " "),
                ])
            }
        }
        return table.text
    }

    /// The maintenance that is on, or the next; nil where there is none.
    private static func maintenance(_ maintenance: JSONValue?) -> String? {
        guard let id = maintenance?["id"]?.text else { return nil }
        let end = maintenance?["on"] == true ? ("until", "end") : ("from", "start")
        return "maintenance \(id) \(end.0) " + (maintenance?[end.1]?.text.map(ReservationText.time) ?? "?")
    }

    /// How many units are in which state: `4 available, 2 in-use`.
    private static func summary(_ units: [JSONValue]) -> String {
        var counts: [(state: String, count: Int)] = []
        for unit in units {
            let state = unit["state"]?.text ?? "?"
            if let index = counts.firstIndex(where: { $0.state == state }) {
                counts[index].count += 1
            } else {
                counts.append((state, 1))
            }
        }
        return counts.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
    }

    /// Seconds as days, hours and minutes, without more than two of them.
    private static func duration(_ seconds: JSONValue) -> String? {
        guard case .number(let number) = seconds, let milliseconds = number.scaled(decimals: 3), milliseconds >= 0
        else {
            return nil
        }
        let whole = milliseconds / 1000
        if whole >= 86_400 { return "\(whole / 86_400)d\(whole % 86_400 / 3600)h" }
        if whole >= 3600 { return "\(whole / 3600)h\(whole % 3600 / 60)m" }
        return whole >= 60 ? "\(whole / 60)m\(whole % 60)s" : "\(whole)s"
    }
}
