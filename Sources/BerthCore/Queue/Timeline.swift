internal import BerthModel

/// What is held from now on, as far as it is known: a step for each moment at which something begins or ends.
struct Timeline {
    struct Step {
        /// In milliseconds of CLOCK_BOOTTIME.
        var at: Int64
        var held: Holdings {
            didSet { sums = Room.Sums(held) }
        }
        /// What ``Room`` asks of it first.
        private(set) var sums: Room.Sums
        /// What each pool holds then, where pools say anything.
        var pools: PoolHoldings

        init(at: Int64, held: Holdings, pools: PoolHoldings) {
            self.at = at
            self.held = held
            self.pools = pools
            sums = Room.Sums(held)
        }
    }

    private(set) var steps: [Step]
    /// The pools, where they say anything.
    private let pools: Pools?

    /// How often a place that has room enough in sums is looked at closely before it counts as none.
    private static let tries = 64

    /// - Parameters:
    ///   - now: the first moment
    ///   - held: all that is held then
    ///   - ends: what of it ends when
    ///   - pools: the pools and what each holds; nil where they say nothing
    init(
        from now: Int64, held: Holdings, ends: [(at: Int64, grant: Grant, pool: PoolName)],
        of pools: (tree: Pools, held: PoolHoldings)?
    ) {
        self.pools = pools?.tree
        var left = Step(at: now, held: held, pools: pools?.held ?? PoolHoldings())
        steps = [left]
        for end in ends.sorted(by: { $0.at < $1.at }) {
            left.held.remove(end.grant)
            if let tree = pools?.tree { left.pools.add(end.grant, sign: -1, to: end.pool, of: tree) }
            if let last = steps.last, last.at == max(end.at, now), steps.count > 1 {
                left.at = last.at
                steps[steps.count - 1] = left
            } else {
                left.at = max(end.at, now + 1)
                steps.append(left)
            }
        }
    }

    /// The first moment from which there is room for so long.
    /// - Parameters:
    ///   - length: in milliseconds; nil is for ever
    ///   - earliest: a moment before which there is known to be no room; nil where nothing is known
    ///   - rooms: in one of these there must be room by sums
    ///   - mayFit: the same of what else must have room; nil where nothing must
    ///   - fits: what would be granted beside what is held the most, at these steps
    func earliest<Found>(
        for length: Int64?, notBefore earliest: Int64? = nil, within rooms: [Room],
        mayFit: ((Step) -> Bool)? = nil, fits: (Holdings, ArraySlice<Step>) -> Found?
    ) -> (at: Int64, found: Found)? {
        var start = earliest.map { first(from: $0) } ?? 0
        var tries = 0
        while start < steps.count, tries < Timeline.tries {
            let end = length.map { self.end(of: start, $0) } ?? steps.count
            if let full = (start..<end).last(where: { !hasRoom($0, within: rooms) || mayFit?(steps[$0]) == false }) {
                start = full + 1
                continue
            }
            if let found = fits(most(start..<end), steps[start..<end]) { return (steps[start].at, found) }
            start += 1
            tries += 1
        }
        return nil
    }

    /// Takes a grant to be held in a pool from one moment to another; nil is for ever.
    mutating func hold(_ grant: Grant, in pool: PoolName, from start: Int64, until end: Int64?) {
        let first = cut(at: start)
        let last = end.map { cut(at: $0) } ?? steps.count
        for index in first..<last {
            steps[index].held.add(grant)
            if let pools { steps[index].pools.add(grant, to: pool, of: pools) }
        }
    }

    /// The same as if all that is held in so long from the first moment on were held for ever; nil is all that ever is.
    /// Whoever asks for so long has room now by the one where it has by the other.
    func ofTheFirst(for length: Int64?) -> Timeline {
        // What pools may take at each moment has no most.
        guard pools == nil else { return self }
        return Timeline(from: steps[0].at, held: mostFromTheFirst(for: length).held, ends: [], of: nil)
    }

    /// Takes a grant to be given up at a moment, and not at the later one at which it was to be; nil is never.
    mutating func release(_ grant: Grant, in pool: PoolName, from start: Int64, until end: Int64?) {
        if let end, end <= start { return }
        let first = cut(at: start)
        let last = end.map { cut(at: $0) } ?? steps.count
        for index in first..<last {
            steps[index].held.remove(grant)
            if let pools { steps[index].pools.add(grant, sign: -1, to: pool, of: pools) }
        }
    }

    /// The most that is held from the first moment on for so long; nil is for ever.
    func mostFromTheFirst(for length: Int64?) -> (held: Holdings, steps: ArraySlice<Step>) {
        let range = 0..<(length.map { end(of: 0, $0) } ?? steps.count)
        return (most(range), steps[range])
    }

    /// The most that is ever held, of each thing.
    var most: Holdings { most(steps.indices) }

    private func most(_ range: Range<Int>) -> Holdings {
        guard range.count > 1 else { return steps[range.lowerBound].held }
        return steps[range].dropFirst().reduce(into: steps[range.lowerBound].held) { $0.formMaximum($1.held) }
    }

    /// Whether there is room by sums at a step.
    func hasRoom(_ step: Int, within rooms: [Room]) -> Bool { rooms.contains { $0.has(steps[step]) } }

    private func end(of start: Int, _ length: Int64) -> Int { max(first(from: steps[start].at + length), start + 1) }

    /// The first step that begins at a moment or after it.
    private func first(from moment: Int64) -> Int {
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].at < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The step that begins at a moment, made where there is none.
    private mutating func cut(at moment: Int64) -> Int {
        let next = first(from: moment)
        guard next < steps.count else {
            var last = steps[steps.count - 1]
            last.at = moment
            steps.append(last)
            return steps.count - 1
        }
        if steps[next].at == moment || next == 0 { return next }
        var former = steps[next - 1]
        former.at = moment
        steps.insert(former, at: next)
        return next
    }
}
