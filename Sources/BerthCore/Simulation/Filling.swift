package import BerthModel

/// Fills a host with a trace's tasks in their order, none of them ending, until so many in a row are refused: how much of
/// the host is used then, and what is left over in pieces that nobody can use.
package struct Filling: Hashable, Sendable {
    /// Who chooses units.
    package enum Chooser: Hashable, Sendable {
        /// The core itself, by one of its strategies.
        case strategy(Strategy)
        /// A rule that is well known.
        case baseline(Baseline)

        /// Its name, as options and tables have it.
        package var name: String {
            switch self {
            case .strategy(let strategy): strategy.rawValue
            case .baseline(let baseline): baseline.rawValue
            }
        }

        /// All that there are, Berth's own first.
        package static var all: [Chooser] {
            Strategy.choosing.map { .strategy($0) } + Baseline.allCases.map { .baseline($0) }
        }
    }

    /// So many refusals in a row end it.
    package static let patience = 50

    /// How many tasks were placed.
    package private(set) var placed = 0
    /// How many were tried.
    package private(set) var tried = 0
    /// What is free at the end.
    package private(set) var free: HostFree

    /// Fills a host.
    /// - Parameters:
    ///   - capacity: the host
    ///   - tasks: what comes, in this order
    ///   - chooser: who chooses units
    package init(_ capacity: Capacity, with tasks: some Sequence<TaskShape>, by chooser: Chooser) {
        var state = State()
        free = HostFree(capacity)
        var rules = BaselineHost(free)
        let clock = VirtualClock()
        state.apply(.capacityChanged(capacity), at: clock.now.wall)
        var refused = 0
        for shape in tasks {
            tried += 1
            let fits: Bool
            switch chooser {
            case .baseline(let rule): fits = rules.place(shape, by: rule)
            case .strategy(let strategy): fits = state.place(shape, strategy, UInt64(tried), clock.now)
            }
            placed += fits ? 1 : 0
            refused = fits ? 0 : refused + 1
            if refused == Filling.patience { break }
        }
        if case .baseline = chooser { free = rules.free } else { free = HostFree(capacity, holding: state.holdings) }
    }
}

extension State {
    /// Reserves what a task asks; whether it was granted.
    fileprivate mutating func place(_ shape: TaskShape, _ strategy: Strategy, _ number: UInt64, _ now: Now) -> Bool {
        let request = ReservationRequest(resources: shape.resources, strategy: strategy)
        let decision = decide(.reserve(ReservationID(bits: number), request, .simulated, nil), now)
        for change in decision.changes { apply(change, at: now.wall) }
        if case .done = decision.answer { return true }
        return false
    }
}

extension Caller {
    /// Who asks where users make no difference.
    static let simulated = Caller(user: 0, isAdmin: true, caps: Caps())
}
