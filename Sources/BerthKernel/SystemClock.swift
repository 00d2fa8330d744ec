internal import CLinux
internal import Glibc

/// The kernel's clocks.
package enum SystemClock {
    /// Milliseconds of CLOCK_BOOTTIME: goes on while the machine sleeps, and nobody can set it.
    package static var uptime: Int64 { berth_uptime_milliseconds() }

    /// Milliseconds of CLOCK_REALTIME since 1970.
    package static var wall: Int64 { berth_wall_milliseconds() }

    /// Waits.
    package static func pause(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

    /// Sixty-four random bits of getrandom(2).
    package static func randomBits() throws(KernelError) -> UInt64 {
        var bits: UInt64 = 0
        guard berth_random(&bits) == 0 else { throw KernelError("read", "getrandom", code: EIO) }
        return bits
    }
}
