/// How long things took, counted in buckets.
package struct TimeHistogram: Hashable, Sendable {
    /// Upper ends of the buckets in microseconds, in their order; one more bucket has no end.
    package let bounds: [Int64]
    /// How many were in each bucket.
    package private(set) var counts: [Int]
    /// All of them together.
    package private(set) var nanoseconds: Int64 = 0

    /// - Parameter bounds: upper ends of the buckets in microseconds, in their order
    package init(_ bounds: [Int64]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// Counts one.
    package mutating func add(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let taken = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        counts[bounds.firstIndex { taken <= $0 * 1000 } ?? bounds.count] += 1
        nanoseconds += taken
    }
}
