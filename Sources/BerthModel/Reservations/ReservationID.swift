/// The name of a reservation: 60 random bits, written as 12 characters of `0-9a-v`.
///
/// It names the leaf in the cgroup tree (`r-ID`) and nothing that a client wrote ever becomes part of a path.
public struct ReservationID: Hashable, Sendable {
    /// The 60 bits.
    public let bits: UInt64

    /// How many characters an id has.
    public static let length = 12

    /// - Parameter bits: random bits, of which the lower 60 are used
    public init(bits: UInt64) { self.bits = bits & (1 << 60 - 1) }

    /// Reads an id; nil when the text is none.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == ReservationID.length else { return nil }
        var bits: UInt64 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: bits = bits << 5 | UInt64(byte - 0x30)
            case 0x61...0x76: bits = bits << 5 | UInt64(byte - 0x61 + 10)
            default: return nil
            }
        }
        self.bits = bits
    }
}

extension ReservationID: Comparable, CustomStringConvertible {
    /// By bits, which is by text.
    public static func < (left: ReservationID, right: ReservationID) -> Bool { left.bits < right.bits }

    /// The 12 characters.
    public var description: String {
        String(unsafeUninitializedCapacity: ReservationID.length) { buffer in
            for index in 0..<ReservationID.length {
                let digit = UInt8(truncatingIfNeeded: bits >> UInt64(55 - 5 * index)) & 31
                buffer[index] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
            }
            return ReservationID.length
        }
    }
}
