public import BerthJSON

extension MaintenanceWindow {
    /// The window as answers show it, and as the ledger keeps it.
    public var json: JSONObject {
        var object: JSONObject = [
            "id": .string(id), "start": .string(start.description), "end": .string(end.description),
        ]
        if isWeekly { object["repeat"] = "weekly" }
        object["resources"] = covers.json
        object["reason"] = reason.map { .string($0) }
        return object
    }

    /// Reads what ``json`` prints, and what people write: a duration in place of the end.
    public static var reader: JSONReader<MaintenanceWindow> {
        .fields { fields throws(JSONFieldError) in
            let id = try fields.required("id", .string)
            guard JSONReader<String>.isKey(id) else {
                throw fields.invalid("id", "must be 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"")
            }
            let start = try fields.required("start", .timestamp)
            let end = try fields.optional("end", .timestamp)
            let duration = try fields.optional("duration", .duration)
            guard end != nil || duration != nil else {
                throw fields.missing("end", expected: "an \"end\", or a \"duration\" such as \"2h\"")
            }
            guard end == nil || duration == nil else {
                throw fields.invalid(
                    "end", "goes alone: a window has an end or a duration", expected: "\"duration\": \"2h\"")
            }
            let over = end ?? duration.map { start + $0 } ?? start
            guard over > start else { throw fields.invalid("end", "must lie after the start") }
            guard over <= Timestamp.last else { throw fields.invalid("end", "must lie before the year 10000") }
            let isWeekly = try fields.optional("repeat", .oneOf(Repetition.self)) != nil
            if isWeekly, over.milliseconds - start.milliseconds >= 7 * 86_400_000 {
                throw fields.invalid("repeat", "makes no sense with a window of a week or more")
            }
            return MaintenanceWindow(
                id: id, start: start, end: over, isWeekly: isWeekly,
                covers: try fields.optional("resources", Withheld.reader) ?? .everything,
                reason: try fields.optional("reason", .reservationName))
        }
    }

    private enum Repetition: String, CaseIterable {
        case weekly
    }
}

extension Withheld {
    /// `"all"`, or units by type, where `"all"` is the whole type.
    var json: JSONValue {
        guard !isEverything else { return "all" }
        let members =
            types.map { ($0.name, "all" as JSONValue) }
            + units.filter { !types.contains($0.key) }.map {
                ($0.key.name, .array($0.value.sorted().map { .string($0) }))
            }
        return .object(JSONObject(members.sorted { $0.0 < $1.0 }))
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Withheld> {
        let expected =
            "\"all\", or types with \"all\" or a list of units, such as {\"cpu\": \"all\", \"gpu\": [\"0000:65:00.0\"]}"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            if case .string("all") = value { return .everything }
            guard case .object(let members) = value, !members.isEmpty else {
                throw .wrongType(expected: expected, found: value)
            }
            var withheld = Withheld()
            for (name, value) in members {
                let place = JSONPointer([name])
                guard let type = ResourceType(name) else {
                    let known = ResourceType.builtIn.map(\.name).joined(separator: ", ")
                    throw .invalid(
                        at: place, "is no resource type", expected: "\(known), or one that a plugin provides")
                }
                if case .string("all") = value {
                    withheld.types.insert(type)
                    continue
                }
                guard ![.cpu, .memory, .pids].contains(type) else {
                    throw .invalid(at: place, "is covered only whole", expected: "{\"\(type.name)\": \"all\"}")
                }
                guard case .array(let elements) = value else {
                    throw .invalid(at: place, "is \(value.excerpt), not \"all\" or a list of units")
                }
                guard !elements.isEmpty else {
                    throw .invalid(at: place, "is an empty list", expected: "\"all\", or a list of units")
                }
                var units: Set<String> = []
                for element in elements {
                    guard case .string(let unit) = element else {
                        throw .invalid(at: place, "is a list of the names of units")
                    }
                    units.insert(unit)
                }
                withheld.units[type] = units
            }
            return withheld
        }
    }
}
