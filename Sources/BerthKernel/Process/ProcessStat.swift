package import BerthModel

/// What `/proc/PID/stat` says of a process that Berth needs (proc_pid_stat(5)).
package struct ProcessStat: Hashable, Sendable {
    /// Field 3: `R`, `S`, `Z`, …
    package let state: Character
    /// Field 9: `PF_*` of the kernel's `include/linux/sched.h`.
    package let flags: UInt32
    /// Field 22: when it started, in clock ticks since boot.
    package let startTicks: UInt64

    /// The name in parentheses may itself hold spaces, parentheses and newlines: what counts begins after the last `)`.
    package init(parsing text: String) throws(ParseError) {
        let refusal = ParseError(text, expected: "a line of /proc/PID/stat")
        guard let close = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { throw refusal }
        let fields = text[text.index(after: close)...].trimmed.split(separator: " ")
        guard fields.count >= 20, let state = fields[0].first, let flags = UInt32(fields[6]),
            let start = UInt64(fields[19])
        else { throw refusal }
        self.state = state
        self.flags = flags
        startTicks = start
    }

    /// Whether it is a thread of the kernel (`PF_KTHREAD`), which has no program and stays where the kernel put it.
    package var isKernelThread: Bool { flags & 0x0020_0000 != 0 }

    /// Whether the process has ended and only waits to be reaped.
    package var isDead: Bool { state == "Z" || state == "X" || state == "x" }
}
