import BerthModel
import Testing

@testable import BerthHost

@Suite("Levels of measured values") struct LevelsTests {
    @Test(
        "end where the next is more than a tenth higher",
        arguments: [
            ([100, 110], [0, 0]), ([100, 111], [0, 1]), ([718, 731, 997, 1017, 1024], [0, 0, 1, 1, 1]),
            ([1024, 1024], [0, 0]), ([250, 870, 1024], [0, 1, 2]), ([], []),
        ] as [([Int], [Int])])
    func levels(values: [Int], expected: [Int]) {
        let levels = Levels(values.shuffled().map { $0 })
        #expect(values.map { levels[$0] } == expected)
    }

    @Test("are unknown when one value is")
    func unknown() { #expect(Levels([100, nil, 200])[100] == nil) }
}
