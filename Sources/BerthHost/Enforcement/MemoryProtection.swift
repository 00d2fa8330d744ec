internal import BerthCore
internal import BerthModel

/// How much memory the kernel is to keep for what runs below a group, in bytes. A group is protected only as far as every
/// group above it is.
package struct MemoryProtection: Equatable, Sendable {
    /// Taken back last: `memory.low`.
    package var low: Int64
    /// Never taken back: `memory.min`.
    package var hard: Int64

    /// - Parameters:
    ///   - low: taken back last
    ///   - hard: never taken back
    package init(low: Int64 = 0, hard: Int64 = 0) {
        self.low = low
        self.hard = hard
    }

    /// What is above all that is held: `memory.low` rounded up to a sixteenth of the host's memory, for what lies above may
    /// be systemd's, and each change costs a message to it; `memory.min` to the page, for what it keeps too much of, the
    /// kernel kills others for.
    init(_ held: Holdings, of memory: Quantity, pageBytes: Int64) {
        // In whole pages: the kernel would round down, and then carry less than what is held below.
        let step = max(memory.units / 16 / pageBytes, 1) * pageBytes
        low = MemoryProtection.up(held.memory, to: step)
        hard = MemoryProtection.up(held.hardMemory, to: pageBytes)
    }

    /// Of each the smaller.
    func meet(_ other: MemoryProtection) -> MemoryProtection {
        MemoryProtection(low: min(low, other.low), hard: min(hard, other.hard))
    }

    private static func up(_ held: Quantity, to step: Int64) -> Int64 { (max(held.units, 0) + step - 1) / step * step }
}
