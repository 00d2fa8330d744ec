internal import BerthCore

/// How long decisions take: what the agent does besides waits meanwhile.
package struct DecisionTimes: Sendable {
    /// What was decided, as far as it is told apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// A request, granted, queued or refused.
        case reserve
        /// A change of what is held.
        case resize
        /// A look at those who wait.
        case admit
        /// What was only noted.
        case other

        init(_ command: Command) {
            self =
                switch command {
                case .reserve: .reserve
                case .resize: .resize
                case .admit: .admit
                default: .other
                }
        }
    }

    private static let bounds: [Int64] = [
        5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 1_000_000,
    ]

    private var times: [Kind: TimeHistogram] = [:]

    /// The times of each kind.
    package var all: [(kind: Kind, times: TimeHistogram)] { Kind.allCases.map { ($0, self[$0]) } }

    private subscript(kind: Kind) -> TimeHistogram { times[kind] ?? TimeHistogram(DecisionTimes.bounds) }

    mutating func add(_ kind: Kind, _ time: Duration) {
        times[kind, default: TimeHistogram(DecisionTimes.bounds)].add(time)
    }
}

extension Agent {
    /// What the core makes of a command; how long that took is counted.
    func decide(_ command: Command, _ now: Now) -> Decision {
        let began = ContinuousClock.now
        let decision = state.decide(command, now)
        decisionTimes.add(DecisionTimes.Kind(command), ContinuousClock.now - began)
        return decision
    }
}
