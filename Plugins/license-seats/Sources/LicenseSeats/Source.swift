import BerthJSON
import BerthPluginKit

/// Where the number of seats of a type comes from.
enum Source: Hashable, Sendable {
    case fixed(Int)
    /// A program with its arguments, asked every so many seconds.
    case command([String], every: Double)

    init(_ section: JSONValue, _ type: String) throws {
        guard case .object(let section) = section else { throw Failure("the section of \(type) is no object") }
        var words: [String] = []
        if case .array(let elements)? = section["command"] {
            words = elements.compactMap { if case .string(let word) = $0 { word } else { nil } }
        }
        switch (section["count"], words.isEmpty) {
        case (.number(let number)?, true):
            guard let count = number.int64, (0...Int64(Pools.mostSeats)).contains(count) else {
                throw Failure("\(number) is no count of \(type): \(Pools.mostSeats) are the most")
            }
            self = .fixed(Int(count))
        case (nil, false):
            var every = 60.0
            if case .number(let number)? = section["every"] { every = number.double }
            self = .command(words, every: every)
        default: throw Failure("the section of \(type) needs either `count` or `command`")
        }
    }
}
