import BerthJSON
import BerthModel
import Testing

@Suite("A unit") struct CapacityUnitTests {
    @Test(
        "is on a node that can be one, or on none that is known",
        arguments: [(0, 0), (7, 7), (65_535, 65_535), (-1, nil), (65_536, nil), (.max, nil), (nil, nil)]
            as [(Int64?, Int?)])
    func node(_ told: Int64?, _ node: Int?) { #expect(Capacity.Unit.node(told) == node) }
}
