internal import BerthJSON

/// What a reservation says of its memory besides how much.
public struct MemoryTerms: Hashable, Sendable {
    /// How firmly the amount is kept for the reservation.
    public var guarantee: Guarantee
    /// The most that may be swapped out (`memory.swap.max`); zero is none.
    public var swap: Quantity
    /// What the kernel ends at the ceiling.
    public var oom: OutOfMemory

    /// How firmly memory is kept.
    public enum Guarantee: String, Hashable, Sendable, CaseIterable {
        /// The kernel takes it back last, when nothing unprotected is left to take (`memory.low`).
        case soft
        /// The kernel never takes it back, and ends something else where it has nothing else (`memory.min`).
        case hard
    }

    /// What dies where a reservation needs more than its ceiling.
    public enum OutOfMemory: String, Hashable, Sendable, CaseIterable {
        /// All of its processes (`memory.oom.group`): half a reservation is of no use to anybody.
        case group
        /// One process, which the kernel picks; the others go on.
        case process
    }

    /// - Parameters:
    ///   - guarantee: how firmly it is kept
    ///   - swap: the most that may be swapped out
    ///   - oom: what the kernel ends at the ceiling
    public init(guarantee: Guarantee = .soft, swap: Quantity = .zero, oom: OutOfMemory = .group) {
        self.guarantee = guarantee
        self.swap = swap
        self.oom = oom
    }

    /// What is less in each of the two: what is kept on the way from one to the other before anything is added. What is
    /// ended at the ceiling stays as it is here.
    func meet(_ other: MemoryTerms) -> MemoryTerms {
        MemoryTerms(
            guarantee: other.guarantee == .soft ? .soft : guarantee, swap: min(swap, other.swap), oom: oom)
    }

    /// What covers both; what is ended at the ceiling is the other's.
    func union(_ other: MemoryTerms) -> MemoryTerms {
        MemoryTerms(
            guarantee: other.guarantee == .hard ? .hard : guarantee, swap: max(swap, other.swap), oom: other.oom)
    }
}

extension MemoryTerms {
    /// The members that say more than silence would.
    func write(to object: inout JSONObject) {
        let silence = MemoryTerms()
        if guarantee != silence.guarantee { object["guarantee"] = .string(guarantee.rawValue) }
        if swap != silence.swap { object["swap"] = Measure.bytes.json(swap) }
        if oom != silence.oom { object["oom"] = .string(oom.rawValue) }
    }
}
