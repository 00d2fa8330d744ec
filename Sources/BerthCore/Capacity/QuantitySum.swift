package import BerthModel

/// A sum of quantities that is exact however many there are, so that taking one out leaves what was there before.
///
/// What nobody states a capacity for (disk rates, an interface of unknown speed) is granted without end, and
/// 1,025 of ``Quantity/largest`` are more than 64 bits hold.
package struct QuantitySum: Hashable, Sendable {
    private var units: Int128 = 0

    package init() {}

    /// The sum, or the largest number of 64 bits where it is more: enough to compare with any capacity, and to show.
    package var quantity: Quantity { Quantity(Int64(clamping: units)) }

    /// Whether the sum is nothing.
    package var isZero: Bool { units == 0 }

    /// Makes it the larger of the two.
    mutating func formMaximum(_ other: QuantitySum) { units = max(units, other.units) }

    /// The larger of the two.
    func maximum(_ other: QuantitySum) -> QuantitySum { units < other.units ? other : self }

    /// Takes a quantity into the sum.
    package static func += (left: inout QuantitySum, right: Quantity) { left.units += Int128(right.units) }

    /// Takes another sum into this one.
    static func += (left: inout QuantitySum, right: QuantitySum) { left.units += right.units }

    /// Both together.
    func adding(_ other: QuantitySum) -> QuantitySum {
        var sum = self
        sum += other
        return sum
    }
}
