internal import BerthCore

/// How long decisions take, counted in buckets: what the agent does besides waits meanwhile.
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

    /// The times of one kind.
    package struct Times: Sendable {
        /// Upper ends of the buckets in microseconds; one more bucket has no end.
        package static let bounds: [Int64] = [
            5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 1_000_000,
        ]

        /// How many were in each.
        package private(set) var buckets = [Int](repeating: 0, count: Times.bounds.count + 1)
        /// All of them together.
        package private(set) var nanoseconds: Int64 = 0

        mutating func add(_ time: Duration) {
            let (seconds, attoseconds) = time.components
            let taken = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
            buckets[Times.bounds.firstIndex { taken <= $0 * 1000 } ?? Times.bounds.count] += 1
            nanoseconds += taken
        }
    }

    private var times = [Times](repeating: Times(), count: Kind.allCases.count)

    /// The times of each kind.
    package var all: [(kind: Kind, times: Times)] { Array(zip(Kind.allCases, times)) }

    mutating func add(_ kind: Kind, _ time: Duration) {
        guard let index = Kind.allCases.firstIndex(of: kind) else { return }
        times[index].add(time)
    }
}

extension Agent {
    /// What the core makes of a command, and how long that took is counted.
    func decide(_ command: Command, _ now: Now) -> Decision {
        let began = ContinuousClock.now
        let decision = state.decide(command, now)
        decisionTimes.add(DecisionTimes.Kind(command), ContinuousClock.now - began)
        return decision
    }
}
