internal import BerthModel

/// Which shapes the host is asked for, counted as they are granted.
///
/// It follows from the grants that were applied, so the same log makes the same counts.
struct LearnedShapes: Sendable {
    /// So many grants are counted before they take the place of the configured list.
    static let enough = 200
    /// So many different shapes are counted at a time.
    private static let mostCounted = 256
    /// The commonest are looked up anew after so many grants.
    private static let interval = 50

    private var counts: [Shape: Int64] = [:]
    private var granted = 0
    /// The commonest shapes with how common they are; nil while too few were granted.
    private(set) var commonest: [Shape]?

    /// Counts a grant.
    mutating func note(_ grant: Grant) {
        let shape = Shape(grant)
        guard !shape.isEmpty else { return }
        granted += 1
        counts[shape, default: 0] += 1
        if counts.count > LearnedShapes.mostCounted {
            // What was asked for long ago, or once, makes room.
            counts = counts.compactMapValues { $0 > 1 ? $0 / 2 : nil }
        }
        guard granted >= LearnedShapes.enough, granted % LearnedShapes.interval == 0 else { return }
        commonest = counts.sorted { one, other in
            (-one.value, one.key) < (-other.value, other.key)
        }.prefix(Shape.most).map { shape, count in
            var shape = shape
            shape.weight = count
            return shape
        }
    }
}
