internal import BerthKernel
internal import BerthModel

/// `--start 2026-12-01T02:00:00Z`, or so long from now: `+2h`, `now+2h`; `now` is no start to come.
struct StartOption {
    /// The time as the agent reads it; nil is as soon as may be.
    let time: String?
    /// Whether it is counted from now, and another time with each try.
    let isRelative: Bool

    init(_ text: String) throws(CommandFailure) {
        let offset = text.hasPrefix("now+") ? text.dropFirst(4) : text.hasPrefix("+") ? text.dropFirst() : nil
        isRelative = offset != nil
        guard text != "now" else {
            time = nil
            return
        }
        guard let offset else {
            if let hint = StartOption.hint(text) {
                throw CommandFailure("--start \(text.printable) is no time", hint: hint)
            }
            // The agent says what is wrong with it.
            time = text
            return
        }
        guard let duration = try? Duration(parsing: offset) else {
            throw CommandFailure(
                "--start \(text.printable) is no time", hint: "say 2026-12-01T02:00:00Z, or +2h for two hours from now")
        }
        time = (StartOption.now + duration).description
    }

    /// What a person may have meant by what is nearly a time; nil for anything else.
    private static func hint(_ text: String) -> String? {
        func isTime(_ text: String) -> Bool { (try? Timestamp(parsing: text)) != nil }
        if (try? Duration(parsing: text)) != nil { return "say +\(text) for so long from now" }
        if isTime("\(text)Z") { return "say its zone: \(text)Z for UTC, or \(text)+01:00" }
        if isTime("\(text):00Z") { return "say its seconds and its zone: \(text):00Z for UTC" }
        if isTime("\(text)T00:00:00Z") { return "say the time of the day and its zone: \(text)T00:00:00Z for UTC" }
        return nil
    }

    /// The time that it is.
    static var now: Timestamp { Timestamp(milliseconds: SystemClock.wall) }
}
