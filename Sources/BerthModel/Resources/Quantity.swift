/// How much of a resource: a whole number of its measure's base units.
///
/// Base units are small enough that no fraction is ever needed (``Measure``), so sums are exact. A sum or difference that
/// 64 bits do not hold is the nearest number that they do: it still compares as it should, and no input ends the agent.
/// Sums that must give back exactly what was added are not kept in quantities.
public struct Quantity: Hashable, Sendable {
    /// The number of base units.
    public var units: Int64

    /// - Parameter units: the number of base units
    @inlinable public init(_ units: Int64) { self.units = units }

    /// Nothing.
    public static let zero = Quantity(0)

    /// The largest quantity that is taken from outside: 2^53 - 1, which a JSON number holds exactly and of which a
    /// thousand add up exactly.
    public static let largest = Quantity(1 << 53 - 1)
}

extension Quantity: Comparable {
    /// Whether the left is less than the right.
    @inlinable public static func < (left: Quantity, right: Quantity) -> Bool { left.units < right.units }

    /// The sum, at most what 64 bits hold.
    @inlinable public static func + (left: Quantity, right: Quantity) -> Quantity {
        let (sum, overflow) = left.units.addingReportingOverflow(right.units)
        return Quantity(overflow ? right.units < 0 ? .min : .max : sum)
    }

    /// The difference, which may be negative, at least and at most what 64 bits hold.
    @inlinable public static func - (left: Quantity, right: Quantity) -> Quantity {
        let (difference, overflow) = left.units.subtractingReportingOverflow(right.units)
        return Quantity(overflow ? right.units < 0 ? .max : .min : difference)
    }

    /// Adds in place.
    @inlinable public static func += (left: inout Quantity, right: Quantity) { left = left + right }

    /// Subtracts in place.
    @inlinable public static func -= (left: inout Quantity, right: Quantity) { left = left - right }
}
