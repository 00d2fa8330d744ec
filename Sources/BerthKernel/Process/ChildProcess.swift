internal import CLinux
internal import Glibc

/// A program that this process started, with a socket to it and a pipe from its output.
package final class ChildProcess: Sendable {
    /// Its process number, valid until ``wait()`` has returned.
    package let pid: Int32
    /// This end of the socket that the program has as descriptor 3.
    package let socket: Descriptor
    /// What the program writes to standard output and error is read here.
    package let output: Descriptor
    /// Of no file before Linux 5.3.
    private let end: Descriptor

    /// How a process ended.
    package enum End: Hashable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case killed(Int32)

        package var description: String {
            switch self {
            case .exited(let status): "it exited with status \(status)"
            case .killed(let signal): "signal \(signal) (\(String(cString: strsignal(signal)))) ended it"
            }
        }
    }

    /// Starts a program in a process group of its own.
    /// - Parameters:
    ///   - path: where it lies
    ///   - arguments: those after its own name
    ///   - environment: all of it, `NAME=value`
    ///   - kept: a descriptor that it gets as number 4; nil for none
    /// - Throws: what the kernel answered
    package init(
        _ path: String, _ arguments: [String], environment: [String], keeping kept: Int32? = nil
    ) throws(KernelError) {
        var ends: [Int32] = [-1, -1]
        guard berth_socket_pair(&ends) == 0 else { throw KernelError("make a socket for", path, code: errno) }
        let mine = Descriptor(owning: ends[0])
        let theirs = Descriptor(owning: ends[1])
        guard berth_pipe(&ends) == 0 else { throw KernelError("make a pipe for", path, code: errno) }
        let reading = Descriptor(owning: ends[0])
        let writing = Descriptor(owning: ends[1])
        var pid: pid_t = 0
        let code = ChildProcess.withWords([path] + arguments) { words in
            ChildProcess.withWords(environment) { variables in
                berth_spawn(&pid, path, words, variables, theirs.number, writing.number, kept ?? -1)
            }
        }
        guard code == 0 else { throw KernelError("start", path, code: code) }
        self.pid = pid
        socket = mine
        output = reading
        end = Descriptor(owning: berth_pidfd_open(pid))
    }

    /// What can be read once the program has ended (pidfd_open(2)); -1 before Linux 5.3.
    package var pidfd: Int32 { end.number }

    /// Sends a signal to the program and to its own process group, from which it may have gone. Only before ``reap(within:)``
    /// has returned an end: the number may be another's afterwards.
    package func signal(_ signal: Int32) {
        _ = Glibc.kill(-pid, signal)
        _ = Glibc.kill(pid, signal)
    }

    /// Whether the program has ended, without waiting for it.
    package var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0
            && information._sifields._sigchld.si_pid == pid
    }

    /// Takes the program's end, waiting for so many milliseconds at most; nil where it goes on, or was taken already.
    package func reap(within milliseconds: Int64) -> End? {
        let deadline = SystemClock.uptime + milliseconds
        while true {
            var status: Int32 = 0
            let found = waitpid(pid, &status, WNOHANG)
            if found == pid {
                let signal = status & 0x7f
                return signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
            }
            if found < 0, errno != EINTR { return nil }
            guard SystemClock.uptime < deadline else { return nil }
            usleep(1000)
        }
    }

    /// Leaves the program to a thread of its own, which takes its end whenever that comes: one that the kernel cannot end now.
    package func abandon() throws(KernelError) {
        let pid = pid
        try DetachedThread.start("a thread that waits for process \(pid)") {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        }
    }

    /// An array of C strings that ends with NULL.
    private static func withWords(
        _ words: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return ENOMEM }
            return body(start)
        }
    }
}
