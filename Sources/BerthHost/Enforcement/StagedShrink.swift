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
    /// follows once the use has. Where it does not, all is as before: nothing else sets `memory.high`, so what was there
    /// was `max`. An agent that dies meanwhile leaves it low, and the next one's plan of the group lifts it.
    /// - Throws: what the kernel answered, or that more is in use
    func shrink(_ group: Group, to bytes: Int64) throws(EnforcementError) {
        let limit = MemoryLimit.bytes(UInt64(max(bytes, 0))).description
        var failures: [KernelError] = []
        var used: Int64 = 0
        do throws(KernelError) {
            used = try SlowWrites.used(group)
            if used > bytes {
                try group.write(limit, to: MemoryLimit.highFile)
                used = try SlowWrites.settled(group, at: bytes)
            }
            if used <= bytes { try group.write(limit, to: MemoryLimit.maxFile) }
        } catch {
            failures.append(error)
        }
        do throws(KernelError) {
            let high = Knob.noHigh
            if try group.read(high.file) != high.value { try group.write(high.value, to: high.file) }
        } catch {
            failures.append(error)
        }
        guard failures.isEmpty else { throw .kernel(failures.map(\.description).joined(separator: "; "), []) }
        guard used <= bytes else { throw .inUse(.memory, used: Quantity(used), asked: Quantity(bytes)) }
    }

    /// What is in use when that has come down to so many bytes, or does not any further.
    private static func settled(_ group: Group, at bytes: Int64) throws(KernelError) -> Int64 {
        let deadline = SystemClock.uptime + SlowWrites.patience
        while try used(group) > bytes, SystemClock.uptime < deadline { SystemClock.pause(milliseconds: 10) }
        return try used(group)
    }

    private static func used(_ group: Group) throws(KernelError) -> Int64 {
        try group.read("memory.current") { (text) throws(ParseError) in
            guard let bytes = Int64(text) else { throw ParseError(text, expected: "a number of bytes") }
            return bytes
        }
    }
}
