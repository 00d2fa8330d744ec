internal import CLinux
internal import Glibc

/// One connection to a Unix socket, as unix(7) has it. Every call waits.
package struct UnixStream: ~Copyable, Sendable {
    private let socket: Descriptor
    private let path: String

    /// How long connecting and one sending may wait, in milliseconds: an agent that takes nothing for so long is stuck.
    private static let sendingWait: Int64 = 10_000

    /// - Parameter path: where the socket lies
    /// - Throws: what connect(2) answered; ENAMETOOLONG for a path of 108 bytes and more
    package init(connectingTo path: String) throws(KernelError) {
        let number = berth_unix_stream(UnixStream.sendingWait)
        guard number >= 0 else { throw KernelError("make a socket for", path, code: errno) }
        let socket = Descriptor(owning: number)
        var result: Int32
        repeat { result = path.withCString { berth_unix_connect(number, $0) } } while result != 0 && errno == EINTR
        let code = errno
        guard result == 0 else { throw KernelError("connect to", path, code: code) }
        self.socket = socket
        self.path = path
    }

    /// The descriptor's number, valid as long as this value lives.
    package var number: Int32 { socket.number }

    /// Sends all the bytes.
    /// - Throws: EPIPE where the other end is closed, EAGAIN where it takes nothing for ten seconds
    package func send(_ bytes: [UInt8]) throws(KernelError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A signal would end the caller, and ignoring it would be inherited by the program that it becomes.
            let count = rest.withUnsafeBytes {
                Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw KernelError("send to", path, code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Receives what is there, waiting until something is; nothing at the end of the connection.
    /// - Parameters:
    ///   - most: so many bytes at most
    ///   - deadline: a moment of ``SystemClock/uptime`` after which it stops to wait; nil is never
    /// - Throws: ETIMEDOUT after the deadline
    package func receive(atMost most: Int, until deadline: Int64? = nil) throws(KernelError) -> [UInt8] {
        while true {
            if let deadline {
                var poll = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
                let left = max(0, deadline - SystemClock.uptime)
                let ready = Glibc.poll(&poll, 1, Int32(clamping: left))
                if ready < 0, errno == EINTR { continue }
                guard ready >= 0 else { throw KernelError("wait for", path, code: errno) }
                guard ready > 0 else { throw KernelError("wait for", path, code: ETIMEDOUT) }
            }
            var result = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                result = recv(socket.number, buffer.baseAddress, most, 0)
                count = max(0, result)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw KernelError("receive from", path, code: errno) }
            return bytes
        }
    }
}

extension KernelError {
    /// Nobody answers at a socket: it is not there, or nobody listens.
    package var saysNobodyListens: Bool { code == ENOENT || code == ECONNREFUSED || code == ENOTDIR }

    /// The caller may not.
    package var saysForbidden: Bool { code == EACCES || code == EPERM }

    /// It took too long.
    package var saysTooSlow: Bool { code == ETIMEDOUT || code == EAGAIN }

    /// The other end closed the connection.
    package var saysClosed: Bool { code == EPIPE || code == ECONNRESET }
}
