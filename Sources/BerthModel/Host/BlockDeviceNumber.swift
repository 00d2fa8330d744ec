extension Host {
    /// The number of a block device: `8:0`, as in `/sys/class/block/NAME/dev`, mountinfo and `io.max`.
    public struct DeviceNumber: Hashable, Sendable {
        /// The driver's number; 0 for file systems without a device of their own.
        public let major: Int
        /// The number among the driver's devices.
        public let minor: Int

        /// - Parameters:
        ///   - major: the driver's number, 0 to 4095
        ///   - minor: the number among the driver's devices, 0 to 1048575
        public init(major: Int, minor: Int) {
            self.major = major
            self.minor = minor
        }

        /// Reads `8:0`.
        /// - Throws: ``ParseError`` for anything else, and for numbers that the kernel's `dev_t` does not hold
        public init(parsing text: some StringProtocol) throws(ParseError) {
            let halves = text.trimmed.split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count == 2, let major = DeviceNumber.number(halves[0], below: 1 << 12),
                let minor = DeviceNumber.number(halves[1], below: 1 << 20)
            else { throw ParseError(text, expected: "a device number such as 8:0") }
            self.init(major: major, minor: minor)
        }

        /// Digits only: `Int` alone would also take a sign.
        private static func number(_ text: Substring, below limit: Int) -> Int? {
            guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text), number < limit else {
                return nil
            }
            return number
        }
    }
}

extension Host.DeviceNumber: CustomStringConvertible {
    /// The kernel's form: `8:0`.
    public var description: String { "\(major):\(minor)" }
}
