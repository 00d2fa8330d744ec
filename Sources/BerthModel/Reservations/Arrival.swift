public import BerthJSON

/// Where a reservation has arrived: at a barrier, which opens when all have.
public struct Arrival: Hashable, Sendable {
    /// What its user calls the barrier; a gang's has the name of the gang.
    public var barrier: String
    /// The how manieth time the barrier was waited at, from 1 on.
    public var generation: Int
    /// How many arrive; nil for a gang's, at which all of it do.
    public var size: Int?
    /// Whether all have arrived, and it goes on.
    public var isOpen = false

    /// - Parameters:
    ///   - barrier: what its user calls the barrier
    ///   - generation: the how manieth time
    ///   - size: how many arrive; nil for a gang's
    public init(barrier: String, generation: Int, size: Int? = nil) {
        self.barrier = barrier
        self.generation = generation
        self.size = size
    }
}

extension Arrival {
    /// The arrival as answers, streams and the ledger have it.
    public var json: JSONObject {
        var object: JSONObject = ["barrier": .string(barrier), "generation": JSONValue(generation)]
        object["size"] = size.map { JSONValue($0) }
        object["open"] = .bool(isOpen)
        return object
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Arrival> {
        .fields { fields throws(JSONFieldError) in
            var arrival = Arrival(
                barrier: try fields.required("barrier", .string),
                generation: Int(try fields.required("generation", .int64)),
                size: try fields.optional("size", .int(in: Gang.sizes)))
            arrival.isOpen = try fields.required("open", .bool)
            return arrival
        }
    }
}

extension Reservation {
    /// So many barriers it is remembered to have been at, before that at which it is now.
    private static let rememberedBarriers = 8

    /// Arrives somewhere.
    public mutating func arrive(_ next: Arrival) {
        if let arrival, arrival.barrier != next.barrier { formerArrivals.append(arrival) }
        formerArrivals.removeAll { $0.barrier == next.barrier }
        formerArrivals = formerArrivals.suffix(Reservation.rememberedBarriers)
        arrival = next
    }

    /// When it was last at a barrier, now or before; nil where that is too long ago, or never was.
    public func arrival(at barrier: String) -> Arrival? {
        arrival?.barrier == barrier ? arrival : formerArrivals.last { $0.barrier == barrier }
    }

    /// The CPU time that it lends to others of its gang, or borrows from them, as answers and streams show it.
    static func loanJSON(_ borrowed: Quantity) -> JSONObject {
        guard borrowed != .zero else { return [:] }
        let amount = Quantity(abs(borrowed.units))
        return [borrowed > .zero ? "borrows" : "lends": ["cpu": Measure.cpus.json(amount)]]
    }
}

extension Grant {
    /// The same with the ceiling on CPU time raised by what is borrowed, or lowered by what is lent.
    public func borrowing(_ borrowed: Quantity) -> Grant {
        var grant = self
        for index in holds.indices where holds[index].type == .cpu && holds[index].cpus == nil {
            grant.holds[index].limit = max((holds[index].limit ?? holds[index].amount) + borrowed, .zero)
        }
        return grant
    }
}
