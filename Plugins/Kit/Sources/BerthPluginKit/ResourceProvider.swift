public import BerthJSON

/// Provides resource types that no kernel knows: licence seats, test phones, FPGA slots.
///
/// Four calls are needed, the others have defaults. Calls come one after the other. One that throws has failed, and the
/// plugin goes on; one that takes longer than its deadline has its process ended and started again, with what is held.
public protocol ResourceProvider {
    /// Takes up work: called once, before everything else, also after the agent or this process was started again. What
    /// `start.held` lists is held already.
    mutating func start(_ start: Start) throws
    /// What there is now, all of it. Asked for at the start and after each ``Start/changed``.
    mutating func discover() throws -> [Offer]
    /// Prepares what a reservation was granted, and says what its programs get. May be called again for the same
    /// reservation, and then answers the same.
    mutating func allocate(_ allocation: Allocation) throws -> Provision
    /// Takes back what a reservation had. May be called again, and for one that was never allocated.
    mutating func release(_ reservation: String) throws
    /// What is wrong with what a request says of a type; nothing by default.
    mutating func check(_ ask: Ask) throws -> [Violation]
    /// What reservations use now, by reservation, in words of this type's own; nothing by default.
    mutating func usage(of reservations: [String]) throws -> [String: JSONObject]
    /// Brings a type to so many units, as near as it can; by default it cannot.
    mutating func scale(_ type: String, to target: Int64) throws
}

extension ResourceProvider {
    /// Nothing is wrong.
    public mutating func check(_ ask: Ask) throws -> [Violation] { [] }

    /// Nothing is measured.
    public mutating func usage(of reservations: [String]) throws -> [String: JSONObject] { [:] }

    /// It cannot be scaled.
    public mutating func scale(_ type: String, to target: Int64) throws {
        throw Failure("\(type) cannot be scaled")
    }
}

/// Admits or refuses requests by rules of its own.
public protocol Validator {
    /// Takes up work: called once, before everything else.
    mutating func start(_ start: Start) throws
    /// What is wrong with a request; nothing where it is admitted.
    mutating func validate(_ question: Question) throws -> [Violation]
    /// What the request lacks and gets: called before ``validate(_:)``, once. Nothing by default.
    mutating func amend(_ question: Question) throws -> [Amendment]
}

extension Validator {
    /// Nothing is amended.
    public mutating func amend(_ question: Question) throws -> [Amendment] { [] }
}
