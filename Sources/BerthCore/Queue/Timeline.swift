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

    /// How many places that have room enough in sums are looked at closely, one after the other.
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
            left.at = max(end.at, now + 1)
            if steps.count > 1, steps.last?.at == left.at { steps.removeLast() }
            steps.append(left)
        }
    }

    /// The first moment from which there is room for so long.
    /// - Parameters:
    ///   - length: in milliseconds; nil is for ever
    ///   - earliest: a moment before which there is known to be no room; nil where nothing is known
    ///   - rooms: in one of these there must be room by sums
    ///   - types: what is wanted any of; nil where the rooms say it
    ///   - mayFit: the same of what else must have room; nil where nothing must
    ///   - fits: what would be granted beside what is held the most, at these steps
    func earliest<Found>(
        for length: Int64?, notBefore earliest: Int64? = nil, within rooms: [Room], of types: Set<ResourceType>? = nil,
        mayFit: ((Step) -> Bool)? = nil, fits: (Holdings, ArraySlice<Step>) -> Found?
    ) -> (at: Int64, found: Found)? {
        var start = earliest.map { first(from: $0) } ?? 0
        lazy var types = types ?? Timeline.types(of: rooms)
        var tries = 0
        var failed: Int?
        while start < steps.count {
            // Where there was no room there is none as long as nothing becomes free; at last all ways may be tried.
            if let former = failed, start < steps.count - 1,
                !(former..<start).contains(where: { isFreed(of: types, at: $0 + 1) })
            {
                failed = start
                start += 1
                continue
            }
            let end = length.map { self.end(of: start, $0) } ?? steps.count
            if let full = (start..<end).last(where: { !hasRoom($0, within: rooms) || mayFit?(steps[$0]) == false }) {
                start = full + 1
                continue
            }
            if let found = fits(most(start..<end), steps[start..<end]) { return (steps[start].at, found) }
            tries += 1
            failed = start
            // What is not found in so many is looked for ever further on: not the first moment then, and one for all that.
            start += tries <= Timeline.tries ? 1 : min(1 << (tries - Timeline.tries), max(steps.count - 1 - start, 1))
        }
        return nil
    }

    /// The first steps before a moment from which something may fit until then that did not from those before: so many as are
    /// looked at closely.
    func starts(before end: Int64, within rooms: [Room]) -> [Int] {
        let types = Timeline.types(of: rooms)
        let starts = steps.indices.lazy.filter { index in
            steps[index].at < end && hasRoom(index, within: rooms) && (index == 0 || isFreed(of: types, at: index))
        }
        return Array(starts.prefix(Timeline.tries))
    }

    private static func types(of rooms: [Room]) -> Set<ResourceType> { Set(rooms.flatMap(\.types)).union([.storage]) }

    /// Takes a grant to be held in a pool from one moment to another; nil is for ever.
    mutating func hold(_ grant: Grant, in pool: PoolName, from start: Int64, until end: Int64?) {
        let first = cut(at: start)
        let last = end.map { cut(at: $0) } ?? steps.count
        for index in first..<last {
            steps[index].held.add(grant)
            if let pools { steps[index].pools.add(grant, to: pool, of: pools) }
        }
    }

    /// One that is held from one moment to another.
    typealias Span = (grant: Grant, pool: PoolName, start: Int64, end: Int64)

    /// Takes many to be held, each from one moment to another, at the cost of going over all steps once.
    mutating func hold(_ spans: [Span]) {
        guard !spans.isEmpty else { return }
        let first = steps[0].at
        let starts = spans.sorted { $0.start < $1.start }
        let ends = spans.sorted { $0.end < $1.end }
        let moments = Set(steps.map(\.at) + spans.flatMap { [max($0.start, first), max($0.end, first)] }).sorted()
        var (held, poolsHeld) = (Holdings(), PoolHoldings())
        var (begun, ended, former) = (0, 0, 0)
        var swept: [Step] = []
        swept.reserveCapacity(moments.count)
        for moment in moments {
            while former + 1 < steps.count, steps[former + 1].at <= moment { former += 1 }
            // What ends makes room for what begins at the same moment.
            while ended < ends.count, ends[ended].end <= moment {
                held.remove(ends[ended].grant)
                if let pools { poolsHeld.add(ends[ended].grant, sign: -1, to: ends[ended].pool, of: pools) }
                ended += 1
            }
            while begun < starts.count, starts[begun].start <= moment {
                held.add(starts[begun].grant)
                if let pools { poolsHeld.add(starts[begun].grant, to: starts[begun].pool, of: pools) }
                begun += 1
            }
            var both = steps[former].held
            both.add(held)
            var poolsBoth = steps[former].pools
            poolsBoth.add(poolsHeld)
            swept.append(Step(at: moment, held: both, pools: poolsBoth))
        }
        steps = swept
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

    /// Takes this to be had by nobody from one moment to another.
    mutating func withhold(_ withheld: Withheld, from start: Int64, until end: Int64) {
        let first = cut(at: start)
        let last = cut(at: end)
        for index in first..<max(first, last) { steps[index].held.withheld.formUnion(withheld) }
    }

    /// Takes nothing to be under maintenance from a moment on.
    mutating func withholdNothing(from moment: Int64 = .min) {
        for index in first(from: moment)..<steps.count where !steps[index].held.withheld.isEmpty {
            steps[index].held.withheld = Withheld()
        }
    }

    /// Whether anything of some types is held less from a step on than before it.
    private func isFreed(of types: Set<ResourceType>, at step: Int) -> Bool {
        let (former, next) = (steps[step - 1], steps[step])
        return types.contains { type in
            next.held.isLess(than: former.held, of: type) || next.pools.isLess(than: former.pools, of: type)
        }
    }

    /// The most that is held from the first moment on for so long; nil is for ever.
    func mostFromTheFirst(for length: Int64?) -> (held: Holdings, steps: ArraySlice<Step>) {
        let range = 0..<(length.map { end(of: 0, $0) } ?? steps.count)
        return (most(range), steps[range])
    }

    /// The most that is held from one moment to another, and the steps of that time; nil is for ever.
    func most(from start: Int64, until end: Int64?) -> (held: Holdings, steps: ArraySlice<Step>) {
        let next = first(from: start)
        let begin = next < steps.count && steps[next].at == start ? next : max(next - 1, 0)
        let range = begin..<max(end.map { first(from: $0) } ?? steps.count, begin + 1)
        return (most(range), steps[range])
    }

    /// The same for what is promised: a window that was added since keeps it only from beginning within it.
    func mostPromised(from start: Int64, until end: Int64?) -> (held: Holdings, steps: ArraySlice<Step>) {
        var (held, steps) = most(from: start, until: end)
        guard let withheld = steps.first?.held.withheld, held.withheld != withheld else { return (held, steps) }
        held.withheld = withheld
        for index in steps.indices { steps[index].held.withheld = withheld }
        return (held, steps)
    }

    /// The most that is ever held, of each thing.
    var most: Holdings { most(steps.indices) }

    private func most(_ range: Range<Int>) -> Holdings {
        guard range.count > 1 else { return steps[range.lowerBound].held }
        return steps[range].dropFirst().reduce(into: steps[range.lowerBound].held) { $0.formMaximum($1.held) }
    }

    /// Whether there is room by sums at a step.
    func hasRoom(_ step: Int, within rooms: [Room]) -> Bool {
        // A step is large: what is read of it alone is copied.
        let sums = steps[step].sums
        return rooms.contains { $0.has(sums) ?? $0.has(steps[step]) }
            && (!sums.isWithheld || !steps[step].held.withheld.isEverything)
    }

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
    @discardableResult
    mutating func cut(at moment: Int64) -> Int {
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
