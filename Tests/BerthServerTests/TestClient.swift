import BerthJSON
import Foundation

/// A client that sends what it is told, byte by byte, and reads answers with a small parser of its own.
final class TestClient {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// An answer as it came.
    struct Reply: Sendable {
        var status: Int
        /// Names in small letters.
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        subscript(name: String) -> JSONValue? {
            guard case .object(let object) = json else { return nil }
            return object[name]
        }
        /// The value at a JSON pointer; nil where there is none.
        func at(_ pointer: String) -> JSONValue? { (try? JSONPointer(parsing: pointer)).flatMap { json[$0] } }

        var code: String? {
            guard case .string(let code)? = self["code"] else { return nil }
            return code
        }
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var isAtEnd = false

    /// Connects; waits no longer than `seconds` for anything.
    init(_ path: String, seconds: Int = 10) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw Failure(description: "connect \(path): \(code)")
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Sends bytes; false once the server has closed.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; false once the server has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads what there is; false at the end, and when it takes too long.
    @discardableResult
    func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            isAtEnd = count == 0 || (errno != EAGAIN && errno != EINTR)
            return false
        }
        buffer += chunk[..<count]
        return true
    }

    /// Whether the server closes the connection, whatever it still sends.
    func waitForEnd() -> Bool {
        while fill() {}
        return isAtEnd
    }

    /// Everything up to some text, and the text itself.
    func read(until end: String) throws -> String {
        let pattern = Array(end.utf8)
        while true {
            if let place = buffer.firstRange(of: pattern) {
                defer { buffer.removeFirst(place.upperBound) }
                return String(decoding: buffer[..<place.upperBound], as: UTF8.self)
            }
            guard fill() else {
                throw Failure(description: "no \(end.debugDescription) in \(String(decoding: buffer, as: UTF8.self))")
            }
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard fill() else { throw Failure(description: "the body ended early") }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// The head of an answer.
    func head() throws -> Reply {
        let lines = try read(until: "\r\n\r\n").split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, let status = Int(first[1]) else {
            throw Failure(description: "no status line: \(lines)")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { throw Failure(description: "no header field: \(line)") }
            headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
        }
        return Reply(status: status, headers: headers, body: [])
    }

    /// An answer that has a length, or chunks with an end.
    func reply(toHead isHead: Bool = false) throws -> Reply {
        var reply = try head()
        if isHead || reply.status == 100 { return reply }
        if let length = reply.headers["content-length"].flatMap({ Int($0) }) {
            reply.body = try read(length)
        } else if reply.headers["transfer-encoding"] == "chunked" {
            while true {
                let line = try read(until: "\r\n").dropLast(2)
                guard let size = Int(line, radix: 16) else { throw Failure(description: "no chunk: \(line)") }
                reply.body += try read(size)
                _ = try read(until: "\r\n")
                if size == 0 { break }
            }
        } else {
            while fill() {}
            reply.body = buffer
            buffer = []
        }
        return reply
    }

    /// Sends a request and reads the answer.
    func call(
        _ method: String, _ target: String, _ body: String? = nil, headers: [String: String] = [:]
    ) throws -> Reply {
        var text = "\(method) \(target) HTTP/1.1\r\nhost: localhost\r\n"
        if let body { text += "content-length: \(body.utf8.count)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        send(text + "\r\n" + (body ?? ""))
        return try reply(toHead: method == "HEAD")
    }

    /// The next server-sent event: its fields by name; comments are passed over.
    func event() throws -> [String: String] {
        while true {
            let block = try read(until: "\n\n")
            var fields: [String: String] = [:]
            for line in block.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) where !line.hasPrefix(":") {
                let halves = line.split(separator: ":", maxSplits: 1)
                if halves.count == 2 { fields[String(halves[0])] = String(halves[1].dropFirst()) }
            }
            if !fields.isEmpty { return fields }
        }
    }
}
