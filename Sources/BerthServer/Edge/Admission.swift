internal import BerthJSON
internal import Synchronization

/// Counts connections, so that no user can take all of them.
final class Admission: Sendable {
    /// What becomes of a new connection.
    enum Verdict: Hashable, Sendable {
        /// It is served.
        case admitted
        /// Its first request is answered with this problem; then it is closed.
        case refused(Problem)
        /// It is closed at once, for even refusals have an end.
        case turnedAway
    }

    private struct Counts {
        var open = 0
        var refusing = 0
        var byUser: [UInt32: Int] = [:]
    }

    /// So many connections at a time are told why they are refused; root may have so many more than others.
    private static let reserve = 64

    private let limits: Limits
    private let counts = Mutex(Counts())

    init(limits: Limits) { self.limits = limits }

    /// Connections that are open now, those that are being refused among them.
    var open: Int { counts.withLock { $0.open + $0.refusing } }

    /// Takes a new connection in; each call that does not turn it away is followed by one of ``leave(_:_:)``.
    func enter(_ user: UInt32) -> Verdict {
        counts.withLock { counts in
            let problem = self.problem(user, counts)
            if let problem {
                guard counts.refusing < Admission.reserve else { return .turnedAway }
                counts.refusing += 1
                return .refused(problem)
            }
            counts.open += 1
            counts.byUser[user, default: 0] += 1
            return .admitted
        }
    }

    /// Takes in a connection that will only be told why it is not served.
    func enterRefused(_ problem: Problem) -> Verdict {
        counts.withLock { counts in
            guard counts.refusing < Admission.reserve else { return .turnedAway }
            counts.refusing += 1
            return .refused(problem)
        }
    }

    /// A connection is closed.
    func leave(_ user: UInt32, _ verdict: Verdict) {
        counts.withLock { counts in
            switch verdict {
            case .turnedAway: break
            case .refused: counts.refusing -= 1
            case .admitted:
                counts.open -= 1
                let left = (counts.byUser[user] ?? 0) - 1
                counts.byUser[user] = left > 0 ? left : nil
            }
        }
    }

    private func problem(_ user: UInt32, _ counts: Counts) -> Problem? {
        if user != 0, counts.byUser[user] ?? 0 >= limits.connectionsPerUser {
            return Problem(
                .tooMany, "user \(user) has \(limits.connectionsPerUser) connections open, the most it may have",
                hint: "close some, or send several requests over one",
                members: ["cap": ["name": "connections", "most": JSONValue(limits.connectionsPerUser)]], retryAfter: 1)
        }
        if counts.open >= limits.connections + (user == 0 ? Admission.reserve : 0) {
            return Problem(
                .unavailable, "the agent has \(counts.open) connections open, the most it takes", retryAfter: 1)
        }
        return nil
    }
}
