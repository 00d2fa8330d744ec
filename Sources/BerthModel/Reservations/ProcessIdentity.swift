/// One process for good: a number alone may be another process tomorrow.
public struct ProcessIdentity: Hashable, Sendable {
    /// The process number in the agent's pid namespace.
    public var pid: Int32
    /// When it started, in clock ticks since boot: field 22 of proc_pid_stat(5).
    public var startTicks: UInt64
    /// The boot it runs in: `/proc/sys/kernel/random/boot_id`.
    public var boot: String

    /// - Parameters:
    ///   - pid: the number
    ///   - startTicks: field 22 of proc_pid_stat(5)
    ///   - boot: the boot id
    public init(pid: Int32, startTicks: UInt64, boot: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.boot = boot
    }
}
