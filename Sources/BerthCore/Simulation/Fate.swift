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

    /// When it waited: also after it was ended for another. Of one that never started that is not known.
    package var waits: [Range<Int64>] {
        guard let started else { return [] }
        var (waits, from) = ([Range<Int64>](), arrived)
        for run in lost where run.lowerBound >= from {
            waits.append(from..<run.lowerBound)
            from = run.upperBound
        }
        return (waits + [from..<max(from, started)]).filter { !$0.isEmpty }
    }

    /// How long it waited in all; nil where it never started.
    package var wait: Int64? { started.map { _ in waits.reduce(0) { $0 + Int64($1.count) } } }

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
