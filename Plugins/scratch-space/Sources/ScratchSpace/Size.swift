import BerthJSON
import BerthPluginKit

/// Sizes in bytes, as people write them.
enum Size {
    private static let units: [(name: String, bytes: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1),
    ]
    /// The least that a file system can be asked to hold a folder to and that leaves room for a file.
    private static let least: Int64 = 64 << 10

    /// Reads `10GiB`, or a number of bytes.
    static func bytes(_ value: JSONValue) throws -> Int64 {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number.lexeme
        default: throw Failure("\(value) is no size", hint: "write a number and KiB, MiB, GiB or TiB, such as 10GiB")
        }
        for unit in units where text.hasSuffix(unit.name) {
            guard let number = Int64(text.dropLast(unit.name.count)), number > 0 else { break }
            let (bytes, overflows) = number.multipliedReportingOverflow(by: unit.bytes)
            guard !overflows, bytes >= least else {
                throw Failure("\"\(text.prefix(80))\" is too much, or less than 64KiB")
            }
            return bytes
        }
        throw Failure(
            "\"\(text.prefix(80))\" is no size", hint: "write a number and KiB, MiB, GiB or TiB, such as 10GiB")
    }

    /// So many units of a size together, or as many as can be counted.
    static func times(_ size: Int64, _ count: Int64) -> Int64 {
        let (bytes, overflows) = size.multipliedReportingOverflow(by: count)
        return overflows ? .max : bytes
    }
}
