import Foundation

/// How long fuzz tests run, and what they start from.
package enum Fuzz {
    /// The time of one fuzz test in seconds: BERTH_FUZZ_SECONDS, one if that is not set.
    package static let seconds: Double = {
        guard let text = ProcessInfo.processInfo.environment["BERTH_FUZZ_SECONDS"] else { return 1 }
        guard let seconds = Double(text), seconds > 0 else {
            preconditionFailure("BERTH_FUZZ_SECONDS must be a number, not \"\(text)\"")
        }
        return seconds
    }()

    /// Rounds, as many as there is time for, counted from 0.
    package static func rounds() -> some Sequence<Int> {
        let end = ContinuousClock.now + .seconds(seconds)
        return sequence(first: 0) { ContinuousClock.now < end ? $0 + 1 : nil }
    }

    /// The random numbers of a fuzz test. The seed is said before anything else, for what traps says nothing any more.
    package static func generator(_ test: String) -> SeededGenerator {
        let generator = SeededGenerator.named(test)
        FileHandle.standardError.write(Data("fuzzing \(test) for \(seconds) s, \(generator.note)\n".utf8))
        return generator
    }
}

extension SeededGenerator {
    /// The bytes with up to five small damages: bits turned, bytes replaced, runs dropped, doubled or moved, and words
    /// of the language dropped in.
    package mutating func damaged(_ bytes: [UInt8], words: [String]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...5, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            let end = min(place + Int.random(in: 0...16, using: &self), bytes.count)
            switch Int.random(in: 0..<7, using: &self) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 2, 3: bytes.insert(contentsOf: (words.randomElement(using: &self) ?? "").utf8, at: place)
            case 4: bytes.removeSubrange(place..<end)
            case 5: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &self))
            default: if Int.random(in: 0..<8, using: &self) == 0 { bytes.removeSubrange(place...) }
            }
        }
        return bytes
    }
}
