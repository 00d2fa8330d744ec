package import BerthJSON

/// Why a pool cannot be changed.
package struct PoolFault: Hashable, Sendable {
    /// What is wrong.
    package var reason: String
    /// Where, in what was said of the pool.
    package var pointer: JSONPointer?
    /// What would be right.
    package var hint: String?

    package init(_ reason: String, pointer: JSONPointer? = nil, hint: String? = nil) {
        self.reason = reason
        self.pointer = pointer
        self.hint = hint
    }
}
