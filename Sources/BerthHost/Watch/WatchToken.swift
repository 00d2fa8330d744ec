/// One thing that is waited for, to be given to ``KernelWatch/cancel(_:)``. Numbers are never used twice.
package struct WatchToken: Hashable, Sendable {
    let number: UInt64
}
