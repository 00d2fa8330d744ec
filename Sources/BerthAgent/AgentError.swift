package import BerthCore
package import BerthModel

/// Why the agent did not do what was asked.
package enum AgentError: Error, Hashable, Sendable {
    /// The core says no.
    case refused(Refusal)
    /// The core, or a validator, says no to what validators have made of the request.
    case amended([Amendment], Refusal)
    /// The peer's role does not allow it; this one would.
    case roleNeeded(Role)
    /// The process could not be attached.
    case attach(AttachError)
    /// The ledger could not store or read.
    case ledger(LedgerError)
    /// The agent is starting or stopping: try again soon.
    case unavailable(String)
    /// A reservation that has ended, as it last was: nothing more can be done with it.
    case over(Reservation)
    /// A reservation whose promised start is to come: it is not changed before.
    case promised(Reservation)
    /// The event asked for is no longer kept; this is the oldest id to go on after.
    case compacted(oldest: Int64)
}

extension AgentError {
    /// The same, with what validators had put into what was asked.
    func telling(_ amendments: [Amendment]) -> AgentError {
        guard !amendments.isEmpty, case .refused(let refusal) = self else { return self }
        return .amended(amendments, refusal)
    }

    /// The agent stops: whoever asks again asks the next one.
    static var stopping: AgentError { .unavailable("the agent is stopping") }
}
