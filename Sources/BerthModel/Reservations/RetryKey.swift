/// What makes a retry safe: the `Idempotency-Key` header of a request and a digest of its body.
public struct RetryKey: Hashable, Sendable {
    /// The header, as the client wrote it.
    public var key: String
    /// FNV-1a of the body, 64 bits: it only tells a client that it used its own key for another body.
    public var digest: UInt64

    /// - Parameters:
    ///   - key: the header
    ///   - digest: of the body
    public init(key: String, digest: UInt64) {
        self.key = key
        self.digest = digest
    }

    /// - Parameters:
    ///   - key: the header
    ///   - body: the body, of which the digest is made
    public init(key: String, body: some Sequence<UInt8>) {
        self.key = key
        digest = body.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
