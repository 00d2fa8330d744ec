package import BerthModel

/// A set of capabilities, as `CapEff` of `/proc/PID/task/TID/status` has it: capabilities(7), proc_pid_status(5).
package struct CapabilitySet: Hashable, Sendable {
    /// Bit n is capability n of linux/capability.h.
    package let bits: UInt64

    package init(bits: UInt64) { self.bits = bits }

    /// - Parameter text: hexadecimal digits without a prefix, `000001ffffffffff`
    package init(parsing text: some StringProtocol) throws(ParseError) {
        let digits = text.utf8.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 || 65...70 ~= $0 }
        guard digits, let bits = UInt64(text, radix: 16) else {
            throw ParseError(text, expected: "a set of capabilities in hexadecimal")
        }
        self.bits = bits
    }

    /// - Parameter names: as linux/capability.h has them, in lower case without `CAP_`; others are left out
    package init(_ names: [String]) {
        bits = names.compactMap(CapabilitySet.all.firstIndex).reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// Whether none is in it.
    package var isEmpty: Bool { bits == 0 }

    /// Those that are in this set and not in the other one.
    package func subtracting(_ other: CapabilitySet) -> CapabilitySet { CapabilitySet(bits: bits & ~other.bits) }

    /// Those that are in one of the sets.
    package func union(_ other: CapabilitySet) -> CapabilitySet { CapabilitySet(bits: bits | other.bits) }

    /// Their numbers in linux/capability.h.
    package var numbers: [Int] { (0..<64).filter { bits >> UInt64($0) & 1 == 1 } }

    /// Their names in the kernel's order, in lower case without `CAP_`; the number of one that has none here.
    package var names: [String] {
        numbers.map {
            CapabilitySet.all.indices.contains($0) ? CapabilitySet.all[$0] : "\($0)"
        }
    }

    /// linux/capability.h, by number.
    private static let all = [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
        "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
        "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
        "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
        "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
        "checkpoint_restore",
    ]
}

extension CapabilitySet: CustomStringConvertible {
    /// The names, parted by blanks; `none` for the empty set.
    package var description: String { isEmpty ? "none" : names.joined(separator: " ") }
}
