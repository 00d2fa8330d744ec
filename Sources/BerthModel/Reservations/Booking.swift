internal import BerthJSON

/// What one that was promised a start holds from then on, chosen when it was promised.
public struct Booking: Hashable, Sendable {
    /// When it begins, by the wall clock.
    public var start: Timestamp
    /// When it ends, whenever it could begin.
    public var end: Timestamp
    /// What it is to hold.
    public var grant: Grant
    /// Which of the request's alternatives that is; nil for the resources themselves.
    public var alternative: Int?
    /// How its units were chosen.
    public var choice: UnitChoice

    /// - Parameters:
    ///   - start: when it begins
    ///   - end: when it ends
    ///   - grant: what it is to hold
    ///   - alternative: which of the request's alternatives that is
    ///   - choice: how its units were chosen
    public init(start: Timestamp, end: Timestamp, grant: Grant, alternative: Int?, choice: UnitChoice) {
        self.start = start
        self.end = end
        self.grant = grant
        self.alternative = alternative
        self.choice = choice
    }
}

extension Booking {
    /// The same as the ledger keeps it.
    var stored: JSONValue {
        var object: JSONObject = [
            "start_ms": JSONValue(start.milliseconds), "end_ms": JSONValue(end.milliseconds), "grant": grant.json,
            "choice": choice.json,
        ]
        object["alternative"] = alternative.map { JSONValue($0) }
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    static var storedReader: JSONReader<Booking> {
        .fields { fields throws(JSONFieldError) in
            Booking(
                start: try fields.required("start_ms", .milliseconds),
                end: try fields.required("end_ms", .milliseconds),
                grant: try fields.required("grant", Grant.reader),
                alternative: try fields.optional("alternative", .int64).map { Int(truncatingIfNeeded: $0) },
                choice: try fields.required("choice", UnitChoice.reader))
        }
    }
}
