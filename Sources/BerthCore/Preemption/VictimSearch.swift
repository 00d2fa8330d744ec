internal import BerthModel
internal import HeapModule

/// Looks for those whose going costs least: of the least priority, of these with the least work lost, of these the fewest.
///
/// Sets are gone over by what they cost, the cheapest first (Lawler, "A Procedure for Computing the K Best Solutions to Discrete
/// Optimization Problems", Management Science 1972), until one is enough: nothing that costs less was. There are more sets than
/// can be gone over, so the search is given up when it has seen so many.
struct VictimSearch {
    /// So many sets are seen, which costs little, before the search is given up.
    static let mostSets = 2000
    /// So many sets are tried, which costs a placement each.
    static let mostTrials = 32

    /// Those who are enough, and none without whom the others are.
    private let known: [Candidate]
    /// Those who may go, the first to go first; nobody of a higher priority need go than of those who are known.
    private let candidates: [Candidate]
    /// What is short by sums for each choice of the one for whom they go: what does not free that is not tried.
    private let lacking: [Amounts]
    /// The priorities among them, the highest first.
    private let priorities: [Int]

    init(_ candidates: [Candidate], besides known: [Candidate], lacking: [Amounts]) {
        self.known = known
        let highest = known.map(\.first.priority).max() ?? .min
        self.candidates = candidates.filter { $0.first.priority <= highest }
        self.lacking = lacking
        priorities = Set(self.candidates.map(\.first.priority)).sorted(by: >)
    }

    /// Those who are enough and cost least; those who are known where no others were found in time that cost less.
    func cheapest(_ isEnough: ([Candidate]) -> Bool) -> [Candidate] {
        var sets: Heap<Victims> = []
        if !candidates.isEmpty { sets.insert(Victims(places: [0], toll: toll(of: [0]))) }
        let most = toll(of: known)
        var (seen, trials) = (0, 0)
        while let set = sets.popMin(), set.toll < most, seen < VictimSearch.mostSets {
            seen += 1
            let victims = set.places.map { candidates[$0] }
            if mayBeEnough(victims) {
                guard trials < VictimSearch.mostTrials else { return known }
                trials += 1
                if isEnough(victims) { return victims }
            }
            // Each set comes of one other: with the next one besides, or instead of its last.
            let next = (set.places.last ?? 0) + 1
            guard next < candidates.count else { continue }
            for places in [set.places + [next], set.places.dropLast() + [next]] {
                sets.insert(Victims(places: Array(places), toll: toll(of: places)))
            }
        }
        return known
    }

    private func mayBeEnough(_ victims: [Candidate]) -> Bool {
        let freed = Amounts(victims.flatMap(\.members).map(\.grant))
        return lacking.contains { lacking in lacking.parts.allSatisfy { freed[$0.type] >= $0.units } }
    }

    private func toll(of places: some Sequence<Int>) -> Toll { toll(of: places.map { candidates[$0] }) }

    private func toll(of victims: [Candidate]) -> Toll {
        Toll(
            parts: priorities.map { priority in
                victims.reduce(into: Toll.Part()) { part, victim in
                    guard victim.first.priority == priority else { return }
                    part.count += 1
                    part.lost += victim.lost
                }
            })
    }
}

/// Some who may go, by their places among all.
private struct Victims: Comparable {
    var places: [Int]
    var toll: Toll

    static func < (left: Victims, right: Victims) -> Bool {
        if left.toll < right.toll { return true }
        return left.toll == right.toll && left.places.lexicographicallyPrecedes(right.places)
    }
}

/// What it costs that some go, priority by priority, the highest first.
private struct Toll: Comparable {
    struct Part: Comparable {
        var count = 0
        var lost = 0.0

        static func < (left: Part, right: Part) -> Bool {
            (left.count > 0 ? 1 : 0, left.lost, left.count) < (right.count > 0 ? 1 : 0, right.lost, right.count)
        }
    }

    var parts: [Part]

    static func < (left: Toll, right: Toll) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }
}
