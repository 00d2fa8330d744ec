public import BerthJSON

/// That a reservation has to go for one of higher priority: a notice, which stands once it is given.
public struct Preemption: Hashable, Sendable {
    /// The reservation that it goes for.
    public var by: ReservationID
    /// When it is ended at the latest, by the wall clock.
    public var at: Timestamp

    /// - Parameters:
    ///   - by: the reservation that it goes for
    ///   - at: when it is ended at the latest
    public init(by: ReservationID, at: Timestamp) {
        self.by = by
        self.at = at
    }
}

extension Preemption {
    /// The notice as answers and streams show it.
    public var json: JSONObject { ["by": .string(by.description), "ends_at": .string(at.description)] }

    /// The notice as the ledger keeps it.
    var stored: JSONValue { ["by": .string(by.description), "ends_ms": JSONValue(at.milliseconds)] }

    /// Reads what ``stored`` prints.
    static var storedReader: JSONReader<Preemption> {
        .fields { fields throws(JSONFieldError) in
            Preemption(
                by: try fields.required("by", .reservationID),
                at: Timestamp(milliseconds: try fields.required("ends_ms", .int64)))
        }
    }
}
