/// How much of a resource: a whole number of its measure's base units.
///
/// Base units are small enough that no fraction is ever needed (``Measure``), so sums are exact.
public struct Quantity: Hashable, Sendable {
    /// The number of base units.
    public var units: Int64

    /// - Parameter units: the number of base units
    @inlinable public init(_ units: Int64) { self.units = units }

    /// Nothing.
    public static let zero = Quantity(0)

    /// The largest quantity that is taken from outside: 2^53 - 1, which a JSON number holds exactly and of which a
    /// thousand add up without overflow.
    public static let largest = Quantity(1 << 53 - 1)
}

extension Quantity: Comparable {
    /// Whether the left is less than the right.
    @inlinable public static func < (left: Quantity, right: Quantity) -> Bool { left.units < right.units }

    /// The sum. Both come from quantities of at most ``largest``, so it cannot overflow.
    @inlinable public static func + (left: Quantity, right: Quantity) -> Quantity { Quantity(left.units + right.units) }

    /// The difference, which may be negative.
    @inlinable public static func - (left: Quantity, right: Quantity) -> Quantity { Quantity(left.units - right.units) }

    /// Adds in place.
    @inlinable public static func += (left: inout Quantity, right: Quantity) { left.units += right.units }

    /// Subtracts in place.
    @inlinable public static func -= (left: inout Quantity, right: Quantity) { left.units -= right.units }
}
