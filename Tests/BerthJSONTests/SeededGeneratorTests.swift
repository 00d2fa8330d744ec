import Support
import Testing

@Suite("A seeded generator") struct SeededGeneratorTests {
    @Test("gives the published numbers of splitmix64")
    func published() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("gives tests of different names different numbers, and says its seed")
    func named() {
        var one = SeededGenerator.named("one")
        var other = SeededGenerator.named("other")
        #expect(one.next() != other.next())
        #expect(one.note == "BERTH_SEED=\(one.seed)")
    }
}
