/// What became of one task in a replay. Times are in milliseconds after the replay's beginning.
package struct Fate: Hashable, Sendable {
    /// When it was asked for.
    package var arrived: Int64
    /// When it got what it asked for, the last time where it was more than once; nil where it never did.
    package var started: Int64?
    /// When it ended; nil where it never started.
    package var ended: Int64?
    /// Whether it was refused, for it could not fit on an empty host.
    package var refused = false
    /// When it ran and was ended for another, after which it began anew.
    package var lost: [Range<Int64>] = []

    /// How often it was ended for another.
    package var preemptions: Int { lost.count }

    package init(arrived: Int64) { self.arrived = arrived }

    /// How long it waited; nil where it never started.
    package var wait: Int64? { started.map { $0 - arrived } }

    /// When it held what it asks for: in vain, and at last.
    package var runs: [Range<Int64>] {
        guard let started, let ended, ended > started else { return lost }
        return lost + [started..<ended]
    }

    /// How long it ran at last; nil where it never did.
    package var run: Int64? {
        guard let started, let ended else { return nil }
        return ended - started
    }
}
