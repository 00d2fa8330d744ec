import Foundation
import Testing

/// Rounds of a fuzz test: as many as BERTH_FUZZ_SECONDS has room for, one second's if that is not set.
enum Fuzz {
    static func rounds() throws -> some Sequence<Int> {
        let seconds = try #require(Double(ProcessInfo.processInfo.environment["BERTH_FUZZ_SECONDS"] ?? "1"))
        let end = ContinuousClock.now + .seconds(seconds)
        return sequence(first: 0) { ContinuousClock.now < end ? $0 + 1 : nil }
    }
}
