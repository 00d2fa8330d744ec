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

        init(at: Int64, held: Holdings) {
            self.at = at
            self.held = held
            sums = Room.Sums(held)
        }
    }

    private(set) var steps: [Step]

    /// How often a place that has room enough in sums is looked at closely before it counts as none.
    private static let tries = 64

    /// - Parameters:
    ///   - now: the first moment
    ///   - held: all that is held then
    ///   - ends: what of it ends when
    init(from now: Int64, held: Holdings, ends: [(at: Int64, grant: Grant)]) {
        steps = [Step(at: now, held: held)]
        var left = held
        for end in ends.sorted(by: { $0.at < $1.at }) {
            left.remove(end.grant)
            if let last = steps.last, last.at == max(end.at, now), steps.count > 1 {
                steps[steps.count - 1].held = left
            } else {
                steps.append(Step(at: max(end.at, now + 1), held: left))
            }
        }
    }

    /// The first moment from which there is room for so long.
    /// - Parameters:
    ///   - length: in milliseconds; nil is for ever
    ///   - earliest: a moment before which there is known to be no room; nil where nothing is known
    ///   - rooms: in one of these there must be room by sums
    ///   - fits: what would be granted beside what is held
    func earliest<Found>(
        for length: Int64?, notBefore earliest: Int64? = nil, within rooms: [Room], fits: (Holdings) -> Found?
    ) -> (at: Int64, found: Found)? {
        var start = earliest.map { first(from: $0) } ?? 0
        var tries = 0
        while start < steps.count, tries < Timeline.tries {
            let end = length.map { self.end(of: start, $0) } ?? steps.count
            if let full = (start..<end).last(where: { !hasRoom($0, within: rooms) }) {
                start = full + 1
                continue
            }
            if let found = fits(most(start..<end)) { return (steps[start].at, found) }
            start += 1
            tries += 1
        }
        return nil
    }

    /// Takes a grant to be held from one moment to another; nil is for ever.
    mutating func hold(_ grant: Grant, from start: Int64, until end: Int64?) {
        let first = cut(at: start)
        let last = end.map { cut(at: $0) } ?? steps.count
        for index in first..<last { steps[index].held.add(grant) }
    }

    /// Takes a grant to be given up at a moment, and not at the later one at which it was to be; nil is never.
    mutating func release(_ grant: Grant, from start: Int64, until end: Int64?) {
        if let end, end <= start { return }
        let first = cut(at: start)
        let last = end.map { cut(at: $0) } ?? steps.count
        for index in first..<last { steps[index].held.remove(grant) }
    }

    /// The most that is held from the first moment on for so long; nil is for ever.
    func mostFromTheFirst(for length: Int64?) -> Holdings { most(0..<(length.map { end(of: 0, $0) } ?? steps.count)) }

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
            steps.append(Step(at: moment, held: steps[steps.count - 1].held))
            return steps.count - 1
        }
        if steps[next].at == moment || next == 0 { return next }
        steps.insert(Step(at: moment, held: steps[next - 1].held), at: next)
        return next
    }
}
