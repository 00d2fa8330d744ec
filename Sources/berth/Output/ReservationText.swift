internal import BerthJSON
internal import BerthModel

/// Reservations as a person wants to read them.
enum ReservationText {
    /// One line a reservation.
    static func table(_ reservations: [JSONValue]) -> String {
        // Few ask for a start, and often nobody waits: those who do not are spared the columns.
        let haveStarts = reservations.contains { $0["start"] != nil }
        let areWaiting = reservations.contains { $0["queue"] != nil }
        var table = Table(
            ["ID", "NAME", "USER", "STATE", "CPU", "MEMORY", "OTHER", "CREATED"] + (haveStarts ? ["START"] : [])
                + ["EXPIRES"] + (areWaiting ? ["QUEUE"] : []), right: [2, 4, 5])
        for reservation in reservations {
            let resources = reservation["promised"] ?? reservation["resources"]
            let cpu = resources?["cpu"]
            let cpus = QuantityCell.text(cpu?["amount"], of: "cpu") + (cpu?["exclusive"] == true ? " excl" : "")
            let others = (resources?.members ?? [:]).filter { $0.key != "cpu" && $0.key != "memory" }.map {
                other($0, $1)
            }
            let start = reservation["start"]?.text.map(time) ?? "-"
            let cells = [
                reservation["id"]?.text ?? "?", reservation["name"]?.text ?? "-",
                reservation["user"]?.integer.map(String.init) ?? "?", state(reservation), cpu == nil ? "-" : cpus,
                QuantityCell.text(resources?["memory"]?["amount"], of: "memory"),
                others.isEmpty ? "-" : others.joined(separator: " "), reservation["created_at"]?.text.map(time) ?? "-",
            ]
            let end = (reservation["expires_at"] ?? reservation["waits_until"])?.text.map(time) ?? "-"
            let standing = promise(reservation) ?? queue(reservation) ?? "-"
            table.add(cells + (haveStarts ? [start] : []) + [end] + (areWaiting ? [standing] : []))
        }
        return table.text
    }

    /// One reservation, with everything.
    static func page(_ reservation: JSONValue) -> String {
        var lines = Lines()
        lines.add("Reservation", reservation["id"]?.text, reservation["name"]?.text.map { "\"\($0)\"" })
        lines.add("User", reservation["user"]?.integer.map(String.init))
        if let pool = reservation["pool"]?.text, pool != "default" { lines.add("Pool", pool) }
        lines.add("State", state(reservation), reservation["reason"]?.text.map(EndingText.clause))
        lines.add("Priority", reservation["priority"]?.integer.map(String.init))
        lines.add(
            "Preempted", reservation["preemption"]?["by"]?.text.map { "for \($0)" },
            reservation["preemption"]?["ends_at"]?.text.map { "by \(time($0))" },
            reservation["requeued_as"]?.text.map { "queued again as \($0)" })
        lines.add("Stands for", reservation["requeue_of"]?.text.map { "\($0), which was preempted" })
        lines.add(
            "Signal", reservation["signal"]?["name"]?.text,
            reservation["signal"]?["before"]?.text.map { "\($0) before its end" },
            reservation["warned"] == true ? "sent" : nil)
        lines.add("Created", reservation["created_at"]?.text.map(time))
        if reservation["granted_at"] != reservation["created_at"] {
            lines.add("Granted", reservation["granted_at"]?.text.map(time))
        }
        lines.add("Start", reservation["start"]?.text.map(time), promise(reservation))
        lines.add("Waits until", reservation["waits_until"]?.text.map(time))
        lines.add("Gang", gang(reservation["gang"]))
        lines.add("Barrier", arrival(reservation["arrival"]), loan(reservation))
        if promise(reservation) == nil { lines.add("Queue", queue(reservation)) }
        lines.add(
            "Expires", reservation["expires_at"]?.text.map(time), reservation["lease"]?.text.map { "a lease of \($0)" })
        let likely = reservation["expected_end"]?.text.map(time)
        lines.add("Likely over", likely, likely.map { _ in "at the latest, as others of its name were" })
        lines.add("Ended", reservation["ended_at"]?.text.map(time))
        lines.add("Ends", reservation["ended_at"] == nil ? ending(reservation) : nil)
        let holds =
            reservation["queue"] != nil ? "Asks for" : reservation["granted_at"] != nil ? "Holds" : "Asked for"
        for (index, hold) in held(reservation).enumerated() { lines.add(index == 0 ? holds : "", hold) }
        for (index, hold) in held(["resources": reservation["promised"] ?? [:]]).enumerated() {
            lines.add(index == 0 ? "Promised" : "", hold)
        }
        lines.add(
            "Choice", reservation["alternative"]?.integer.map { "alternative \($0 + 1) of the request" },
            reservation["choice"]?["strategy"]?.text.map { "units by \($0)" },
            reservation["choice"]?["exact"] == false ? "the best found in the time for it" : nil)
        lines.add("Quota", reservation["surplus"] == true ? "over a soft one: of what nobody else wanted" : nil)
        lines.add("Near", others(reservation["affinity"]))
        lines.add("Apart", others(reservation["anti_affinity"]))
        for (index, receipt) in (reservation["receipts"]?.elements ?? []).enumerated() {
            let type = [receipt["type"]?.text, receipt["device"]?.text].compactMap { $0 }.joined(separator: " ")
            lines.add(index == 0 ? "Kernel" : "", "\(type): \(receipt["status"]?.text ?? "?")", receipt["reason"]?.text)
        }
        lines.add("Processes", numbers(reservation["processes"]))
        lines.add("Outside", numbers(reservation["left"]).map { "\($0), not held" })
        lines.add("Use", usage(reservation["usage"]))
        for (index, line) in AmendmentText.lines(reservation).enumerated() {
            lines.add(index == 0 ? "Amended" : "", line)
        }
        for (index, (key, value)) in (reservation["labels"]?.members ?? [:]).enumerated() {
            lines.add(index == 0 ? "Labels" : "", "\(key)=\(value.text ?? "")")
        }
        for (index, (name, value)) in (reservation["env"]?.members ?? [:]).enumerated() {
            lines.add(index == 0 ? "Environment" : "", "\(name)=\(value.text ?? "")")
        }
        return lines.text
    }

    /// What a document with `resources` holds, one line a type.
    static func holds(_ document: JSONValue) -> String {
        held(document).map { "  \($0.printable)\n" }.joined()
    }

    /// A time of the agent to the second: `2026-11-23 22:15:00Z`.
    static func time(_ text: String) -> String {
        guard let point = text.firstIndex(of: "."), text.utf8.last == UInt8(ascii: "Z") else { return text }
        return text[..<point].split(separator: "T").joined(separator: " ") + "Z"
    }

    /// That its start was promised, and why it begins later where something keeps it from then on; nil for any other, and where
    /// nobody knows when it begins.
    private static func promise(_ reservation: JSONValue) -> String? {
        guard reservation["start"] != nil, let queue = reservation["queue"],
            let expected = queue["expected_start"]?.text
        else { return nil }
        let reasons = (queue["violations"]?.elements ?? []).compactMap { $0["message"]?.text }
        let later = reasons.isEmpty ? [] : ["expected \(time(expected))"] + reasons
        let position = queue["position"]?.integer.map(String.init) ?? "?"
        return (["promised, number \(position) of those"] + later).joined(separator: ", ")
    }

    /// Where one that waits stands, when its turn is expected, and why not now.
    private static func queue(_ reservation: JSONValue) -> String? {
        guard let queue = reservation["queue"] else { return nil }
        if let members = queue["members"]?.integer, let size = reservation["gang"]?["size"]?.integer {
            return "waits for others: \(members) of \(size) members have asked"
        }
        let violations = queue["violations"]?.elements ?? []
        let reasons = violations.compactMap { $0["message"]?.text }
        // Whose start has come goes before all who wait.
        let before = reservation["start"] == nil ? "after those before it" : "what it was promised is not free yet"
        // A hard one is among the reasons.
        let quota = violations.contains { $0["code"] == "quota" } ? nil : queue["quota"]
        return [
            queue["position"]?.integer.map { "number \($0)" } ?? "far back",
            queue["expected_start"]?.text.map { "expected \(time($0))" } ?? "nobody knows when",
            reasons.isEmpty ? before : reasons.joined(separator: "; "),
            quota.map(AccountText.quota),
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// CPU time that is lent to others of its gang, or borrowed from them; nil for neither.
    static func loan(_ document: JSONValue) -> String? {
        func amount(_ name: String) -> String? {
            document[name]?["cpu"].map { "\(name) \(QuantityCell.text($0, of: "cpu")) of CPU time" }
        }
        return amount("lends") ?? amount("borrows")
    }

    /// The barrier at which it waits; nil where it has opened.
    private static func arrival(_ arrival: JSONValue?) -> String? {
        guard let barrier = arrival?["barrier"]?.text, arrival?["open"] == false else { return nil }
        return "waits at \(barrier)"
    }

    /// A gang, as `--gang` names it.
    private static func gang(_ gang: JSONValue?) -> String? {
        guard let id = gang?["id"]?.text, let size = gang?["size"]?.integer else { return nil }
        return "\(id), of \(size) members"
    }

    /// Numbers in a row; nil where there are none.
    private static func numbers(_ list: JSONValue?) -> String? {
        let numbers = (list?.elements ?? []).compactMap { $0.integer.map(String.init) }
        return numbers.isEmpty ? nil : numbers.joined(separator: " ")
    }

    /// Other reservations, as `--near` names them.
    private static func others(_ affinities: JSONValue?) -> String? {
        let texts = (affinities?.elements ?? []).map { affinity in
            let labels = (affinity["labels"]?.members ?? [:]).map { "\($0.key)=\($0.value.text ?? "")" }
            let words = [
                affinity["reservation"]?.text, affinity["by"] == "unit" ? "unit" : nil,
                affinity["preferred"] == true ? "preferred" : nil,
            ]
            return (labels + words.compactMap { $0 }).joined(separator: ",")
        }
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    private static func state(_ reservation: JSONValue) -> String { reservation["state"]?.text ?? "?" }

    private static func other(_ type: String, _ hold: JSONValue) -> String {
        let disks = hold.elements.compactMap { $0["device"]?.text }
        return "\(type)=" + (disks.isEmpty ? QuantityCell.text(hold["amount"], of: type) : disks.joined(separator: ","))
    }

    private static func ending(_ reservation: JSONValue) -> String? {
        switch reservation["end"]?.text {
        case "empty": "with its last process"
        case "released": "when it is released"
        default: nil
        }
    }

    private static func held(_ document: JSONValue) -> [String] {
        (document["resources"]?.members ?? [:]).flatMap { type, hold in
            hold.elements.isEmpty ? [line(type, hold)] : hold.elements.map(disk)
        }
    }

    private static func line(_ type: String, _ hold: JSONValue) -> String {
        let units = hold["units"]?.members.map(\.key) ?? []
        let facts = WhereOption.texts(hold["where"])
        let wishes = WhereOption.texts(hold["prefer"])
        let limit = hold["limit"].flatMap { $0 == hold["amount"] ? nil : "at most \(QuantityCell.text($0, of: type))" }
        return [
            "\(type) \(QuantityCell.text(hold["amount"], of: type))",
            hold["exclusive"] == true ? "exclusive: CPUs \(hold["cpus"]?.text ?? "?")" : nil,
            hold["asked"].map { "asked: \(QuantityCell.text($0, of: type))" },
            hold["minimum"].map { "at least \(QuantityCell.text($0, of: type))" }, limit,
            units.isEmpty ? nil : units.joined(separator: " "), facts.isEmpty ? nil : facts.joined(separator: " "),
            wishes.isEmpty ? nil : "rather \(wishes.joined(separator: " "))",
            hold["numa_nodes"]?.text.map { "NUMA node \($0)" },
            hold["guarantee"] == "hard" ? "never taken back" : nil,
            hold["swap"].map { "swap at most \(QuantityCell.text($0, of: type))" },
            hold["oom"] == "process" ? "one process dies at the ceiling" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
    }

    private static func disk(_ ask: JSONValue) -> String {
        let rates = StorageRates.all.compactMap { rate in
            ask[rate.name].map {
                "\(rate.name.split(separator: "_").joined(separator: " ")) \(QuantityCell.text($0, measure: rate.measure))"
            }
        }
        return [
            "storage \(ask["device"]?.text ?? "?")", rates.isEmpty ? nil : "at most " + rates.joined(separator: ", "),
            ask["weight"]?.integer.map { "weight \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
    }

    private static func usage(_ usage: JSONValue?) -> String? {
        guard let usage else { return nil }
        let provided = (usage["types"]?.members ?? [:]).map { "\($0.key): \($0.value.description.printable)" }
        let parts: [String] = [
            usage["cpu_seconds"].map { "\($0.description) s of CPU time" },
            usage["memory_bytes"].map { "\(QuantityCell.text($0, of: "memory")) of memory" },
            usage["memory_peak_bytes"].map { "\(QuantityCell.text($0, of: "memory")) at its peak" },
            usage["pids"].map { "\($0.description) processes" },
        ].compactMap { $0 }
        let all = parts + provided
        return all.isEmpty ? nil : all.joined(separator: ", ")
    }
}
