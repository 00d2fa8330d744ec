internal import CLinux
internal import Glibc

/// A process beside this one that is nobody's child: it is forked twice, so that init has it, and the program that this
/// process may become never sees a child that it did not make.
package struct DetachedProcess: Sendable {
    /// The process between the two forks.
    private let between: pid_t

    /// Starts one with a session of its own, so that signals of the terminal do not reach it, in the root folder, with
    /// standard error and the kept descriptors and nothing else open.
    ///
    /// Only for a process of one thread. Call ``settle()`` before the process becomes another program.
    /// - Parameters:
    ///   - name: what ps calls it
    ///   - kept: the descriptors that stay open
    ///   - body: what it does; it ends afterwards, with status 0
    package init(named name: String, keeping kept: [Int32], _ body: () -> Void) throws(KernelError) {
        let first = berth_fork()
        guard first >= 0 else { throw KernelError("fork", name, code: errno) }
        guard first == 0 else {
            between = first
            return
        }
        setsid()
        // A failed second fork is not worth more than the loss of what the process would have done.
        guard berth_fork() == 0 else { _exit(0) }
        berth_set_name(name)
        DetachedProcess.closeAll(but: kept)
        _ = chdir("/")
        body()
        _exit(0)
    }

    /// Takes the process between the two forks away. It ends at once.
    package func settle() {
        var status: Int32 = 0
        while waitpid(between, &status, 0) < 0 && errno == EINTR {}
    }

    private static func closeAll(but kept: [Int32]) {
        var next: UInt32 = 3
        for number in kept.sorted() where number >= 3 {
            let number = UInt32(number)
            if number > next { berth_close_range(next, number - 1) }
            next = number + 1
        }
        berth_close_range(next, UInt32.max)
        let nothing = "/dev/null".withCString { Glibc.open($0, O_RDWR) }
        guard nothing >= 0 else { return }
        for number in [STDIN_FILENO, STDOUT_FILENO] where !kept.contains(number) && number != nothing {
            dup2(nothing, number)
        }
        if nothing > STDERR_FILENO { _ = close(nothing) }
    }
}

/// The two ends of a pipe(2).
package struct Pipe: ~Copyable, Sendable {
    private let reading: Descriptor
    private let writing: Descriptor

    package init() throws(KernelError) {
        var ends: [Int32] = [-1, -1]
        guard berth_pipe(&ends) == 0 else { throw KernelError("make", "a pipe", code: errno) }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }

    /// The end that is read from, valid as long as this value lives.
    package var readingEnd: Int32 { reading.number }

    /// Writes a few bytes, fewer than a pipe holds; nobody may be there to read them.
    package func write(_ bytes: [UInt8]) { _ = Glibc.write(writing.number, bytes, bytes.count) }

    /// Reads from a pipe until its other end is closed everywhere, at most 4096 bytes.
    package static func readAll(_ readingEnd: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                read(readingEnd, $0.baseAddress?.advanced(by: filled), $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }
}
