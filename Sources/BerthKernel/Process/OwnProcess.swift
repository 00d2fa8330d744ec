package import BerthModel
internal import CLinux
internal import Glibc

/// What this process sets on itself before it becomes a program.
package enum OwnProcess {
    /// Binds it to CPUs: sched_setaffinity(2). Children inherit it.
    /// - Throws: EINVAL where none of them is in the process's cpuset
    package static func bind(to cpus: CPUSet) throws(KernelError) {
        var words = [UInt64](repeating: 0, count: (cpus.reduce(0, max) >> 6) + 1)
        for cpu in cpus { words[cpu >> 6] |= 1 << UInt64(cpu & 63) }
        guard berth_set_affinity(words, words.count) == 0 else {
            throw KernelError("bind to CPUs \(cpus)", "this process", code: errno)
        }
    }

    /// Gives up the exemption from the out-of-memory killer (`oom_score_adj` of -1000, proc_pid_oom_score_adj(5)): a
    /// process that has it is never killed and spins at its memory limit. Returns whether it had it.
    @discardableResult
    package static func giveUpOOMExemption() throws(KernelError) -> Bool {
        let path = "/proc/self/oom_score_adj"
        let number = path.withCString { Glibc.open($0, O_RDWR | O_CLOEXEC) }
        // A sandbox may hide /proc; the kernel then holds whatever it was.
        guard number >= 0 else { return false }
        let file = Descriptor(owning: number)
        var text = [UInt8](repeating: 0, count: 16)
        let count = read(file.number, &text, text.count)
        guard count > 0, String(decoding: text.prefix(count), as: UTF8.self).trimmed == "-1000" else { return false }
        guard pwrite(file.number, "0", 1, 0) == 1 else { throw KernelError("write \"0\" to", path, code: errno) }
        return true
    }

    /// Where the program of this process lies: proc_pid_exe(5). Nil where /proc is hidden.
    package static var path: String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A descriptor of this process that becomes readable when it ends, for another process to watch.
    package static func descriptor() throws(KernelError) -> Descriptor {
        let number = berth_pidfd_open(getpid())
        guard number >= 0 else { throw KernelError("open process", "\(getpid())", code: errno) }
        return Descriptor(owning: number)
    }

    /// Waits until the process of a descriptor has ended, for at most so many milliseconds. Returns whether it has.
    package static func hasEnded(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }

    /// Whether standard error is open.
    package static var hasStandardError: Bool {
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0
    }
}
