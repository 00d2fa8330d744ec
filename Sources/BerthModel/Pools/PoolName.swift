public import BerthJSON

/// The name of a pool: `[A-Za-z0-9._-]{1,64}`. It stands in the cgroup tree as `pool-NAME`.
public struct PoolName: Hashable, Sendable {
    /// The name as it stands in requests and answers.
    public let text: String

    /// The pool that holds what no other pool has. It is always there.
    public static let standard = PoolName(known: "default")

    private init(known text: String) { self.text = text }

    /// Reads a name; nil where the text is none.
    public init?(_ text: String) {
        guard JSONReader<String>.isKey(text) else { return nil }
        self.text = text
    }
}

extension PoolName: Comparable, CustomStringConvertible {
    /// By text.
    public static func < (left: PoolName, right: PoolName) -> Bool { left.text < right.text }

    /// The name.
    public var description: String { text }
}

extension JSONReader where Value == PoolName {
    /// The name of a pool.
    public static var poolName: JSONReader {
        let expected = "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\""
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            guard let name = PoolName(try JSONReader<String>.string.read(value)) else {
                throw .invalid("is \(value.excerpt), no name of a pool", expected: expected)
            }
            return name
        }
    }
}
