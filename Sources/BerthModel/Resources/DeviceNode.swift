/// A character or block device as the kernel knows it, whatever its file is called: `c 195:0`.
public struct DeviceNode: Hashable, Sendable {
    /// Whether it is a block device.
    public let isBlock: Bool
    /// Its number.
    public let number: Host.DeviceNumber

    /// - Parameters:
    ///   - isBlock: whether it is a block device
    ///   - number: its number
    public init(isBlock: Bool = false, _ number: Host.DeviceNumber) {
        self.isBlock = isBlock
        self.number = number
    }

    /// Reads `c 195:0`, or `b 8:16`.
    /// - Throws: ``ParseError`` for anything else
    public init(parsing text: String) throws(ParseError) {
        guard text.hasPrefix("c ") || text.hasPrefix("b ") else {
            throw ParseError(text, expected: "a device such as c 195:0")
        }
        self.init(isBlock: text.hasPrefix("b "), try Host.DeviceNumber(parsing: text.dropFirst(2)))
    }
}

extension DeviceNode: Comparable, CustomStringConvertible {
    /// Character devices first, then by number.
    public static func < (left: DeviceNode, right: DeviceNode) -> Bool {
        (left.isBlock ? 1 : 0, left.number.major, left.number.minor)
            < (right.isBlock ? 1 : 0, right.number.major, right.number.minor)
    }

    /// `c 195:0`: as in devices(4) of cgroup v1.
    public var description: String { "\(isBlock ? "b" : "c") \(number)" }
}
