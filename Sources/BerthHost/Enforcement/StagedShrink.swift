internal import BerthCore
internal import BerthKernel
internal import BerthModel

/// Writes that may reclaim memory or wait for the kernel, on a thread of their own, so that no grant queues behind them.
actor SlowWrites {
    /// How long memory in use may take to follow a ceiling that comes down.
    private static let patience: Int64 = 2000

    private let thread: KernelThread

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: KernelThread) { self.thread = thread }

    /// Writes one file.
    func write(_ value: String, to file: String, in group: Group) throws(KernelError) {
        try group.write(value, to: file)
    }

    /// Brings a memory ceiling down without killing: writing `memory.max` below what is in use kills, and returns success.
    /// So `memory.high` comes first, by which the kernel takes back what it can and stalls who asks for more; `memory.max`
    /// follows once the use has. Where it does not, all is as before.
    /// - Throws: what the kernel answered, or that more is in use
    func shrink(_ group: Group, to bytes: Int64) throws(EnforcementError) {
        let left: Int64?
        do throws(KernelError) { left = try stage(group, bytes) } catch { throw .kernel(error.description, []) }
        if let left { throw .inUse(.memory, used: Quantity(left), asked: Quantity(bytes)) }
    }

    /// Returns what is in use where that is more; nil where the ceiling has come down.
    private func stage(_ group: Group, _ bytes: Int64) throws(KernelError) -> Int64? {
        let limit = MemoryLimit.bytes(UInt64(max(bytes, 0))).description
        guard try SlowWrites.used(group) > bytes else {
            try group.write(limit, to: MemoryLimit.maxFile)
            return nil
        }
        let former = try group.read(MemoryLimit.highFile)
        try group.write(limit, to: MemoryLimit.highFile)
        let deadline = SystemClock.uptime + SlowWrites.patience
        while try SlowWrites.used(group) > bytes, SystemClock.uptime < deadline {
            SystemClock.pause(milliseconds: 10)
        }
        let used = try SlowWrites.used(group)
        if used <= bytes { try group.write(limit, to: MemoryLimit.maxFile) }
        try group.write(former, to: MemoryLimit.highFile)
        return used <= bytes ? nil : used
    }

    private static func used(_ group: Group) throws(KernelError) -> Int64 {
        try group.read("memory.current") { (text) throws(ParseError) in
            guard let bytes = Int64(text) else { throw ParseError(text, expected: "a number of bytes") }
            return bytes
        }
    }
}
