internal import BerthModel
internal import CLinux
internal import Glibc

extension Group {
    /// `cgroup.procs`, open for a process to write itself into the group.
    package func processFile() throws(KernelError) -> Descriptor {
        try open("cgroup.procs", flags: O_WRONLY, for: "open")
    }

    /// The processes directly in this group (`cgroup.procs`), sorted, each once: the kernel may name one twice while it
    /// moves. A process that has no number in the reader's pid namespace is 0.
    /// - Throws: EOPNOTSUPP for a threaded group
    package func processes() throws(KernelError) -> [Int32] {
        let numbers = try read("cgroup.procs") { (text) throws(ParseError) in
            var numbers: Set<Int32> = []
            for line in text.split(separator: "\n") {
                guard let number = Int32(line), number >= 0 else {
                    throw ParseError(line, expected: "a process number")
                }
                numbers.insert(number)
            }
            return numbers
        }
        return numbers.sorted()
    }

    /// The processes in this group and in all groups below it, sorted, each once. Groups that go meanwhile have none.
    package func processesBelow() throws(KernelError) -> [Int32] {
        var numbers = Set(try processes())
        for name in try children() {
            do throws(KernelError) {
                numbers.formUnion(try child(name).processesBelow())
            } catch {
                // Of a threaded group the processes are told by the one above it (cgroups(7), "Thread mode").
                guard error.saysGone || error.code == EOPNOTSUPP else { throw error }
            }
        }
        return numbers.sorted()
    }

    /// Moves a process with all its threads into this group. Its children stay where they are.
    /// - Throws: ESRCH where there is none, and for a number that is none: 0 would move the writer itself
    package func move(_ pid: Int32) throws(KernelError) {
        guard pid > 0 else { throw KernelError("write \"\(pid)\" to", shown("cgroup.procs"), code: ESRCH) }
        try write(String(pid), to: "cgroup.procs")
    }

    /// Whether a process is in this group or in one below it (`cgroup.events`). One that waits to be reaped is not.
    package func isPopulated() throws(KernelError) -> Bool {
        try read(CgroupEvents.file, as: CgroupEvents.init(parsing:)).populated
    }

    /// Stops all processes of this group and of those below it, or lets them go on (`cgroup.freeze`). It is asked, not
    /// done, when this returns: `cgroup.events` says `frozen 1`.
    package func freeze(_ frozen: Bool) throws(KernelError) { try write(frozen ? "1" : "0", to: "cgroup.freeze") }
}

extension Group {
    /// Ends all processes of this group and those below it with SIGKILL, frozen ones too (`cgroup.kill`, Linux 5.14).
    /// They may still be on their way out when this returns: ``isPopulated()`` says when none is left.
    ///
    /// Before Linux 5.14 they are stopped, so that none forks away, and ended one by one, for at most half a second.
    package func kill() throws(KernelError) {
        if has("cgroup.kill") {
            try write("1", to: "cgroup.kill")
        } else {
            // Without, it only takes more rounds.
            do throws(KernelError) { try freeze(true) } catch {}
            try killOneByOne()
        }
    }

    /// Rounds, for a process may fork between being listed and being hit.
    private func killOneByOne() throws(KernelError) {
        for _ in 0..<50 {
            let pids = try processesBelow().filter { $0 > 0 }
            guard !pids.isEmpty else { return }
            try hit(pids)
            usleep(10_000)
        }
    }

    /// A number may have become another process's since it was read. One that is still listed after its descriptor was
    /// opened is the descriptor's, or the descriptor's has ended and takes no signal.
    private func hit(_ pids: [Int32]) throws(KernelError) {
        // Not all at once: each holds a descriptor.
        for start in stride(from: 0, to: pids.count, by: 64) {
            let opened = pids[start..<min(start + 64, pids.count)].map { ($0, OpenedProcess($0)) }
            let present = Set(try processesBelow())
            for (pid, process) in opened where present.contains(pid) { try process?.kill() }
        }
    }
}

/// One process to be ended, by descriptor.
private final class OpenedProcess {
    private let pid: Int32
    private let pidfd: Descriptor

    /// Nil where it has ended, or its number cannot be opened: the next round sees it again.
    init?(_ pid: Int32) {
        let number = berth_pidfd_open(pid)
        guard number >= 0 else { return nil }
        self.pid = pid
        pidfd = Descriptor(owning: number)
    }

    func kill() throws(KernelError) {
        guard berth_pidfd_send_signal(pidfd.number, SIGKILL) == 0 || errno == ESRCH else {
            throw KernelError("end process", "\(pid)", code: errno)
        }
    }
}
