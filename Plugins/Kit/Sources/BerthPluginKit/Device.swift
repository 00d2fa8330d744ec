public import BerthJSON

/// A character or block device.
public struct Device: Hashable, Sendable {
    /// Whether it is a block device.
    public var isBlock: Bool
    /// Its major number.
    public var major: Int64
    /// Its minor number.
    public var minor: Int64

    /// - Parameters:
    ///   - isBlock: whether it is a block device
    ///   - major: its major number
    ///   - minor: its minor number
    public init(isBlock: Bool = false, major: Int64, minor: Int64) {
        self.isBlock = isBlock
        self.major = major
        self.minor = minor
    }

    /// As a message has it.
    public static var reader: JSONReader<Device> {
        .fields { fields throws(JSONFieldError) in
            Device(
                isBlock: try fields.optional("block", .bool) ?? false, major: try fields.required("major", .int64),
                minor: try fields.required("minor", .int64))
        }
    }

    /// As a message has it.
    public var json: JSONValue { ["block": .bool(isBlock), "major": JSONValue(major), "minor": JSONValue(minor)] }
}
