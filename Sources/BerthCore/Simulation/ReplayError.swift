package import BerthModel

/// What keeps a trace from being replayed.
package enum ReplayError: Error, Hashable, Sendable {
    /// The host cannot have the pools: why.
    case pools(String)
    /// A task's user may not use the pool that it goes to.
    case barred(user: String, group: String?, from: PoolName)
}
