/// One frame between an agent and berth-plugin-host: 12 bytes of header in the machine's byte order, and a payload.
struct PluginFrame: Hashable, Sendable {
    /// What a frame is.
    enum Kind: UInt32, Hashable, Sendable {
        /// From the host: the library is loaded.
        case hello = 0x68
        /// From the agent: a request.
        case call = 0x63
        /// From the host: the answer to a call.
        case answer = 0x61
        /// From the host: the plugin does not know the call.
        case unknown = 0x75
        /// From the host: the plugin says that the call failed.
        case failed = 0x66
        /// From the host: what the plugin sent by itself.
        case pushed = 0x70
        /// From the host: why it ends now.
        case refused = 0x78
    }

    /// The header's length.
    static let headerLength = 12
    /// The longest payload: BERTH_PLUGIN_LONGEST.
    static let longest = 4 << 20

    let kind: Kind
    /// The number of the call that it belongs to; 0 for those that belong to none.
    let number: UInt32
    let payload: [UInt8]

    var bytes: [UInt8] {
        [UInt32(payload.count), number, kind.rawValue].flatMap { word in withUnsafeBytes(of: word) { Array($0) } }
            + payload
    }

    /// Takes the first frame off what was received; nil where it is not complete.
    /// - Throws: where what was received is no frame
    static func take(from received: inout [UInt8]) throws(PluginFault) -> PluginFrame? {
        guard received.count >= headerLength else { return nil }
        let words = received.withUnsafeBytes { bytes in
            (0..<3).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        }
        guard words[0] <= longest else { throw .broken("it sent a frame of \(words[0]) bytes") }
        guard let kind = Kind(rawValue: words[2]), kind != .call else {
            throw .broken("it sent a frame of the unknown kind \(words[2])")
        }
        let end = headerLength + Int(words[0])
        guard received.count >= end else { return nil }
        defer { received.removeFirst(end) }
        return PluginFrame(kind: kind, number: words[1], payload: Array(received[headerLength..<end]))
    }
}
