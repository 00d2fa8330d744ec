internal import BerthJSON

/// What a pending reservation waits for, and what it may have when its turn comes.
public struct Waiting: Hashable, Sendable {
    /// The request as it was made, with what validators put into it.
    public var request: ReservationRequest
    /// What its user may have, as it was when it asked.
    public var caps: Caps
    /// Whether its user may act on everybody's reservations.
    public var isAdmin: Bool
    /// Since when others have to go for it, or had to: what they held goes to it before all others. Nil where none had to.
    public var nominatedAt: Timestamp?
    /// What it was promised; nil where it waits for what becomes free.
    public var booking: Booking?

    /// - Parameters:
    ///   - request: the request
    ///   - caps: what its user may have
    ///   - isAdmin: whether its user may act on everybody's reservations
    public init(request: ReservationRequest, caps: Caps, isAdmin: Bool = false) {
        self.request = request
        self.caps = caps
        self.isAdmin = isAdmin
    }
}

extension Waiting {
    /// The same as the ledger keeps it.
    var stored: JSONValue {
        var object: JSONObject = [
            "request": .object(request.json), "caps": caps.stored, "admin": .bool(isAdmin),
            "detached": .bool(request.isDetached),
        ]
        object["nominated_ms"] = nominatedAt.map { JSONValue($0.milliseconds) }
        object["booking"] = booking?.stored
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    static var storedReader: JSONReader<Waiting> {
        .fields { fields throws(JSONFieldError) in
            var waiting = Waiting(
                request: try fields.required("request", ReservationRequest.reader),
                caps: try fields.required("caps", Caps.storedReader),
                isAdmin: try fields.optional("admin", .bool) ?? false)
            waiting.nominatedAt = try fields.optional("nominated_ms", .int64).map(Timestamp.init(milliseconds:))
            waiting.request.isDetached = try fields.required("detached", .bool)
            waiting.booking = try fields.optional("booking", Booking.storedReader)
            return waiting
        }
    }
}
