public import BerthJSON

/// A signal that the programs of a reservation may be sent before it ends.
public enum Signal: String, Hashable, Sendable, CaseIterable {
    case hangUp = "HUP"
    case interrupt = "INT"
    case quit = "QUIT"
    case user1 = "USR1"
    case user2 = "USR2"
    case terminate = "TERM"
    case goOn = "CONT"
    case windowChange = "WINCH"
}

/// What the programs of a reservation want to be told before it ends, and how long before.
public struct Warning: Hashable, Sendable {
    /// What each of its processes is sent, once.
    public var signal: Signal
    /// How long before the end of its lease, and before a preemption ends it.
    public var before: Duration

    /// How long before the end a signal may come.
    public static let range: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)

    /// How long before the end it comes where nothing is said.
    public static let standard: Duration = .seconds(60)

    /// - Parameters:
    ///   - signal: what is sent
    ///   - before: how long before the end
    public init(_ signal: Signal, before: Duration) {
        self.signal = signal
        self.before = before
    }
}

extension Warning {
    /// The `signal` of a request as a client writes it.
    public var json: JSONValue { ["name": .string(signal.rawValue), "before": .string(before.text)] }

    /// Reads what ``json`` prints.
    public static var reader: JSONReader<Warning> {
        .fields { fields throws(JSONFieldError) in
            let signal = try fields.required("name", .oneOf(Signal.self))
            let before = try fields.optional("before", .duration) ?? standard
            guard range.contains(before) else {
                let expected = "a duration from \(range.lowerBound.text) to \(range.upperBound.text)"
                throw fields.invalid("before", "is \(before.text), not \(expected)", expected: expected)
            }
            return Warning(signal, before: before)
        }
    }
}
