import Foundation

/// Random numbers that come again when the seed does (splitmix64).
///
/// A test that uses one says its seed when it fails, so that the failure can be had again:
/// ```swift
/// var generator = SeededGenerator.named("a round trip loses nothing")
/// #expect(left == right, "\(generator.note)")
/// ```
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The seed to give as BERTH_SEED to have the same numbers again.
    package let seed: UInt64
    private var state: UInt64

    /// The numbers of a seed.
    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A generator for one test, from the environment's BERTH_SEED or else a seed of its own. The name is mixed in, so
    /// that tests under one seed do not all see the same numbers.
    package static func named(_ test: String) -> SeededGenerator {
        var generator = SeededGenerator(seed: seed(from: ProcessInfo.processInfo.environment["BERTH_SEED"]))
        for byte in test.utf8 { generator.state = (generator.state ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return generator
    }

    private static func seed(from text: String?) -> UInt64 {
        guard let text else { return UInt64.random(in: 0...UInt64.max) }
        guard let seed = UInt64(text) else { preconditionFailure("BERTH_SEED must be a number, not \"\(text)\"") }
        return seed
    }

    /// What to set to have the same numbers again: `BERTH_SEED=42`.
    package var note: String { "BERTH_SEED=\(seed)" }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
