internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// Asking again where the agent stops while a request waits: another one comes up in its place, after an upgrade for example.
///
/// Only what the agent has refused by saying so is asked again, for of that nothing was kept.
struct Perseverance {
    /// For so long no agent need be there, in milliseconds.
    private static let longestAbsence: Int64 = 60_000
    private static let pause: UInt32 = 500_000

    /// Until when the request would have waited, a moment of ``SystemClock/uptime``; nil where it does not wait.
    private let end: Int64?
    /// Since when no agent has taken it; nil while one does.
    private var lostAt: Int64?
    private let isQuiet: Bool

    /// - Parameter body: the request
    init(_ body: JSONValue, isQuiet: Bool) {
        self.isQuiet = isQuiet
        let wait = body["wait"]?.text.flatMap { try? Duration(parsing: $0) }
        end = wait.map { SystemClock.uptime + $0.milliseconds }
    }

    /// The request as it is to be made now: what it has waited counts.
    func rest(of body: JSONValue) -> JSONValue {
        guard lostAt != nil, let end, case .object(var object) = body else { return body }
        object["wait"] = .string("\(max(end - SystemClock.uptime, 100))ms")
        return .object(object)
    }

    /// Pauses before the request is made again: the agent stops, starts, or cannot store anything, and says so.
    /// - Throws: the failure, where it is not to be
    mutating func bear(_ failure: CommandFailure) throws(CommandFailure) {
        let now = SystemClock.uptime
        guard let end, now < end, failure.code == "unavailable" || lostAt != nil && failure.document == nil,
            now - (lostAt ?? now) < Perseverance.longestAbsence
        else { throw failure }
        if lostAt == nil, !isQuiet { Terminal.note("\(failure.message); asking again") }
        if lostAt == nil || failure.code == "unavailable" { lostAt = now }
        usleep(Perseverance.pause)
    }
}
