internal import BerthModel

/// A limit in a file of its own: `max`, or a number.
enum CgroupLimit {
    /// Version 1 writes no limit as the largest number of pages, near 2^63 bytes, and once wrote 2^64 - 1.
    private static let unlimited: UInt64 = 1 << 62

    /// - Returns: nil for no limit
    static func parse(_ text: String) throws(ParseError) -> Int? {
        guard text != "max" else { return nil }
        guard let number = UInt64(text) else { throw ParseError(text, expected: "\"max\" or a number") }
        return number < unlimited ? Int(number) : nil
    }

    /// The limit in a file, nil when there is none or no file.
    static func read(_ path: String, _ reader: HostReader) -> Int? {
        guard let text = reader.text(path), !text.isEmpty else { return nil }
        do throws(ParseError) {
            return try parse(text)
        } catch {
            reader.noteWrong(path, error)
            return nil
        }
    }

    /// The smallest limit in files of these names in these folders; of equal ones the outermost, for raising an inner
    /// one would not help.
    static func smallest(
        _ folders: [String], _ names: [String], _ reader: HostReader
    ) -> Host.Limits.Bound<Int>? {
        var smallest: Host.Limits.Bound<Int>?
        for folder in folders {
            for name in names {
                guard let limit = read("\(folder)/\(name)", reader) else { continue }
                if smallest.map({ limit <= $0.value }) ?? true {
                    smallest = Host.Limits.Bound(limit, by: "/\(folder)/\(name)")
                }
            }
        }
        return smallest
    }
}
