internal import BerthJSON

/// What is written of memory besides how much: what is not written stays as it is.
public struct MemoryTermsChange: Hashable, Sendable {
    /// How firmly it is kept.
    public var guarantee: MemoryTerms.Guarantee?
    /// The most that may be swapped out.
    public var swap: Quantity?
    /// What the kernel ends at the ceiling.
    public var oom: MemoryTerms.OutOfMemory?

    /// - Parameters:
    ///   - guarantee: how firmly it is kept
    ///   - swap: the most that may be swapped out
    ///   - oom: what the kernel ends at the ceiling
    public init(
        guarantee: MemoryTerms.Guarantee? = nil, swap: Quantity? = nil, oom: MemoryTerms.OutOfMemory? = nil
    ) {
        self.guarantee = guarantee
        self.swap = swap
        self.oom = oom
    }

    /// The terms that result from this change of `current`.
    func resolved(over current: MemoryTerms) -> MemoryTerms {
        MemoryTerms(
            guarantee: guarantee ?? current.guarantee, swap: swap ?? current.swap, oom: oom ?? current.oom)
    }

    /// Reads the members of an object around a quantity of memory.
    static func read(_ fields: inout JSONFields) throws(JSONFieldError) -> MemoryTermsChange {
        MemoryTermsChange(
            guarantee: try fields.optional("guarantee", .oneOf(MemoryTerms.Guarantee.self)),
            // No swap is what is held without a word.
            swap: try fields.optional("swap", .quantity(.bytes, least: .zero)),
            oom: try fields.optional("oom", .oneOf(MemoryTerms.OutOfMemory.self)))
    }
}
