/// A pattern as shells have it: `*` is any text, `?` any one character, all else itself.
///
/// It matches the whole text, and tells upper from lower case. A character is a Unicode scalar, as it is written.
struct Glob: Hashable, Sendable {
    /// A pattern has at most so many characters: each is a bit of a word.
    static let longest = 63

    // Bit n of a word stands for: the text so far has matched the first n characters of the pattern, stars not counted.

    /// Where each character leads on to the next place.
    private var places: [Unicode.Scalar: UInt64] = [:]
    /// Where any character leads on to the next place.
    private var anywhere: UInt64 = 0
    /// Where any character leads nowhere else.
    private var stars: UInt64 = 0
    /// Where the pattern ends.
    private var end: UInt64 = 1

    /// - Returns: nil where the pattern has more than ``longest`` characters
    init?(_ pattern: some StringProtocol) {
        guard pattern.unicodeScalars.prefix(Glob.longest + 1).count <= Glob.longest else { return nil }
        for scalar in pattern.unicodeScalars {
            switch scalar {
            case "*":
                stars |= end
                continue
            case "?": anywhere |= end
            default: places[scalar, default: 0] |= end
            }
            end <<= 1
        }
    }

    /// Whether the text as a whole is as the pattern says; takes a step for each of its characters, whatever the pattern.
    func matches(_ text: String) -> Bool {
        var state: UInt64 = 1
        for scalar in text.unicodeScalars {
            state = state & stars | (state & (anywhere | places[scalar, default: 0])) << 1
            guard state != 0 else { return false }
        }
        return state & end != 0
    }
}
