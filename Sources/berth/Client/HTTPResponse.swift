/// Why an answer is no HTTP/1.1 answer, or is more than anybody should have to take.
struct HTTPResponseError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, as a clause: `the status line is no status line`.
    let description: String

    init(_ description: String) { self.description = description }
}

/// An answer in HTTP/1.1 (RFC 9112), read piece by piece as it comes from the socket.
///
/// Nothing in it is trusted: what is not an answer is refused, and lines, header and body have a limit.
struct HTTPResponse {
    /// The status code; nil until its line is read.
    private(set) var status: Int?
    /// The header fields by their names in lower case; the last of a name counts.
    private(set) var headers: [String: String] = [:]
    /// The body as far as it has come and was not taken yet.
    private(set) var body: [UInt8] = []
    /// Whether all of it has come.
    var isComplete: Bool { state == .complete }

    /// Whether the header of the answer has come.
    var hasHead: Bool { state != .statusLine && state != .fields }

    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headBytes = 0
    private var chunked = false
    private var length: Int?
    private let mostBody: Int

    private enum State: Equatable {
        case statusLine
        case fields
        /// So many bytes of a body with a Content-Length are to come.
        case counted(Int)
        case chunkSize
        /// So many bytes of a chunk are to come.
        case chunk(Int)
        case chunkEnd
        case trailers
        /// The body ends with the connection.
        case untilClosed
        case complete
    }

    /// The longest header that is taken, with its lines' ends; trailers and the sizes of chunks count as lines of it.
    static let mostHead = 64 << 10

    /// - Parameter mostBody: the largest body that may wait to be taken
    init(mostBody: Int = 256 << 20) { self.mostBody = mostBody }

    /// Takes what came. Bytes behind a complete answer are refused: nobody asked for them.
    mutating func receive(_ bytes: [UInt8]) throws(HTTPResponseError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .complete: throw HTTPResponseError("bytes follow the answer")
            case .counted(let left):
                let count = try take(&rest, atMost: left)
                state = left == count ? .complete : .counted(left - count)
            case .chunk(let left):
                let count = try take(&rest, atMost: left)
                state = left == count ? .chunkEnd : .chunk(left - count)
            case .untilClosed: _ = try take(&rest, atMost: Int.max)
            case .statusLine, .fields, .chunkSize, .chunkEnd, .trailers:
                if let line = try nextLine(&rest) { try read(line) }
            }
        }
    }

    /// The connection was closed: the body may end so, and nothing else may.
    mutating func close() throws(HTTPResponseError) {
        guard state != .complete else { return }
        guard state == .untilClosed else { throw HTTPResponseError("the connection was closed in the middle of it") }
        state = .complete
    }

    /// Gives the body away, as far as it has come.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private mutating func take(_ rest: inout ArraySlice<UInt8>, atMost most: Int) throws(HTTPResponseError) -> Int {
        let count = min(rest.count, most)
        guard count <= mostBody - body.count else {
            throw HTTPResponseError("the body is larger than \(mostBody) bytes")
        }
        body += rest.prefix(count)
        rest = rest.dropFirst(count)
        return count
    }

    /// The next line without its end; nil where it has not come whole.
    private mutating func nextLine(_ rest: inout ArraySlice<UInt8>) throws(HTTPResponseError) -> [UInt8]? {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        let piece = rest[..<(end ?? rest.endIndex)]
        headBytes += piece.count + 1
        guard headBytes <= HTTPResponse.mostHead else { throw HTTPResponseError("its header is too long") }
        line += piece
        rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
        guard end != nil else { return nil }
        var whole = line
        line = []
        if whole.last == UInt8(ascii: "\r") { whole.removeLast() }
        guard whole.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw HTTPResponseError("its header has control characters")
        }
        return whole
    }

    private mutating func read(_ line: [UInt8]) throws(HTTPResponseError) {
        let text = String(decoding: line, as: UTF8.self)
        switch state {
        case .statusLine: try readStatus(text)
        case .fields: if line.isEmpty { try endHead() } else { try readField(text) }
        case .chunkSize: try readChunkSize(text)
        case .chunkEnd:
            guard line.isEmpty else { throw HTTPResponseError("a chunk is longer than its size") }
            state = .chunkSize
        case .trailers: if line.isEmpty { state = .complete }
        case .counted, .chunk, .untilClosed, .complete: break
        }
    }

    private mutating func readStatus(_ line: String) throws(HTTPResponseError) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let code = Int(parts[1]), 100...599 ~= code
        else { throw HTTPResponseError("it does not begin as HTTP does") }
        status = code
        state = .fields
    }

    private mutating func readField(_ line: String) throws(HTTPResponseError) {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            !line[..<colon].utf8.contains(where: { $0 == 0x20 || $0 == 0x09 })
        else { throw HTTPResponseError("its header has a line without a name") }
        let name = line[..<colon].lowercased()
        let blanks: Set<Character> = [" ", "\t"]
        var value = line[line.utf8.index(after: colon)...].drop { blanks.contains($0) }
        while let last = value.last, blanks.contains(last) { value.removeLast() }
        switch name {
        case "content-length":
            guard !value.isEmpty, value.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int(value),
                length == nil || length == count
            else { throw HTTPResponseError("its length is no number") }
            length = count
        case "transfer-encoding":
            guard !chunked, value.lowercased() == "chunked" else {
                throw HTTPResponseError("it has an encoding that nobody asked for")
            }
            chunked = true
        default: break
        }
        headers[name] = String(value)
    }

    /// What the body is made of: RFC 9112, section 6.3.
    private mutating func endHead() throws(HTTPResponseError) {
        if let status, status < 200 {
            // An interim answer; the real one follows.
            guard status != 101 else { throw HTTPResponseError("it goes over to another protocol") }
            self.status = nil
            headers = [:]
            (chunked, length) = (false, nil)
            state = .statusLine
        } else if chunked {
            guard length == nil else { throw HTTPResponseError("it has two lengths") }
            state = .chunkSize
        } else if status == 204 || status == 304 || length == 0 {
            state = .complete
        } else {
            state = length.map { .counted($0) } ?? .untilClosed
        }
    }

    private mutating func readChunkSize(_ line: String) throws(HTTPResponseError) {
        let digits = line.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        guard 1...15 ~= digits.utf8.count, digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let size = Int(digits, radix: 16)
        else { throw HTTPResponseError("the size of a chunk is no number") }
        // A stream has any number of chunks: only what one of them costs is bounded.
        headBytes = 0
        state = size == 0 ? .trailers : .chunk(size)
    }
}
