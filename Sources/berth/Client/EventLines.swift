internal import BerthJSON

/// One event of the agent's stream.
struct StreamedEvent: Equatable {
    /// Its number in the log.
    var id: Int64
    /// What happened: `granted`, `ended`, …
    var name: String
    /// What changed.
    var data: JSONValue

    /// The event as one document.
    var json: JSONValue { ["id": JSONValue(id), "event": .string(name), "data": data] }
}

/// The lines of a stream of events: server-sent events of the HTML standard, section 9.2, as far as the agent uses them.
///
/// Comments and fields that nobody knows are passed over; an event without a number or with data that is no JSON is
/// refused, for something would be lost silently.
struct EventLines {
    private var line: [UInt8] = []
    private var id: Int64?
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// The longest line, and the most data, of one event.
    static let mostBytes = 16 << 20

    /// Takes what came, and returns the events that are whole now.
    mutating func receive(_ bytes: [UInt8]) throws(CommandFailure) -> [StreamedEvent] {
        var events: [StreamedEvent] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line += rest[..<end]
            rest = rest[(end + 1)...]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if let event = try read(line) { events.append(event) }
            line = []
        }
        line += rest
        guard line.count <= EventLines.mostBytes, data.count <= EventLines.mostBytes else {
            throw CommandFailure("an event of the agent is longer than \(EventLines.mostBytes) bytes")
        }
        return events
    }

    private mutating func read(_ line: [UInt8]) throws(CommandFailure) -> StreamedEvent? {
        guard !line.isEmpty else { return try finish() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "id":
            id = Int64(String(decoding: value, as: UTF8.self))
            guard id != nil else { throw CommandFailure("an event of the agent has no number") }
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(UInt8(ascii: "\n")) }
            data += value
            hasData = true
        default: break
        }
        return nil
    }

    private mutating func finish() throws(CommandFailure) -> StreamedEvent? {
        defer { (id, name, data, hasData) = (nil, "", [], false) }
        guard hasData else { return nil }
        guard let id else { throw CommandFailure("an event of the agent has no number") }
        do throws(JSONParseError) {
            let limits = JSONLimits(maxDepth: 64, maxBytes: EventLines.mostBytes)
            return StreamedEvent(id: id, name: name, data: try JSONValue(parsing: data, limits: limits))
        } catch {
            throw CommandFailure("an event of the agent is no JSON: \(error)")
        }
    }
}
