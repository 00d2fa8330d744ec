internal import Glibc

/// An open file descriptor that is closed exactly once, when its owner goes.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, valid as long as this value lives.
    package let number: Int32

    /// - Parameter number: an open descriptor that nobody else closes
    package init(owning number: Int32) { self.number = number }

    /// Gives the number away: whoever takes it must close it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit { _ = Glibc.close(number) }
}
