import BerthModel
import Testing

@Suite("A quantity")
struct QuantityTests {
    @Test(
        "adds and subtracts exactly, or to the nearest number that 64 bits hold",
        arguments: [
            (1, 2, 3, -1), (Int64.max, 1, Int64.max, Int64.max - 1), (Int64.max, Int64.max, Int64.max, 0),
            (Int64.min, 1, Int64.min + 1, Int64.min), (Int64.min, Int64.max, -1, Int64.min),
            (Int64.min, Int64.min, Int64.min, 0), (Int64.max, Int64.min, -1, Int64.max),
            (-5, Int64.min, Int64.min, Int64.max - 4),
        ] as [(Int64, Int64, Int64, Int64)])
    func sums(left: Int64, right: Int64, sum: Int64, difference: Int64) {
        #expect(Quantity(left) + Quantity(right) == Quantity(sum))
        #expect(Quantity(left) - Quantity(right) == Quantity(difference))
        var changed = Quantity(left)
        changed += Quantity(right)
        #expect(changed == Quantity(sum))
        changed = Quantity(left)
        changed -= Quantity(right)
        #expect(changed == Quantity(difference))
    }
}
