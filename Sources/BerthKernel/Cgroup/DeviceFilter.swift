package import BerthModel
internal import CLinux
internal import Glibc

/// A program of the kernel's that denies the processes of groups some devices, and allows all others
/// (BPF_PROG_TYPE_CGROUP_DEVICE, Documentation/admin-guide/cgroup-v2.rst, "Device controller").
package final class DeviceFilter: Sendable {
    /// What the kernel calls Berth's filters.
    private static let name = "berth_devices"
    /// The most programs of a group that the kernel takes.
    private static let most: UInt32 = 64

    /// The most devices that one may deny: the kernel follows only so many ways through a program.
    package static let mostDevices = 2048

    private let program: Descriptor
    /// The kernel's number of the program.
    package let id: UInt32

    /// Loads the program.
    /// - Throws: EPERM where the caller has neither CAP_SYS_ADMIN nor CAP_BPF and CAP_NET_ADMIN, EINVAL or ENOSYS where the
    ///   kernel has no such programs
    package init(denying devices: [DeviceNode]) throws(KernelError) {
        let denied = devices.map { device in
            berth_device(
                is_block: device.isBlock ? 1 : 0, major: UInt32(clamping: device.number.major),
                minor: UInt32(clamping: device.number.minor))
        }
        let number = berth_bpf_load(denied, denied.count, DeviceFilter.name)
        guard number >= 0 else { throw KernelError("load", "a filter of devices", code: errno) }
        program = Descriptor(owning: number)
        var description = berth_bpf_program()
        guard berth_bpf_describe(number, &description) == 0 else {
            throw KernelError("describe", "a filter of devices", code: errno)
        }
        id = description.id
    }

    /// Has a group be filtered by this, and by no earlier filter of Berth's. What others have attached stays.
    /// - Throws: also EIO where the kernel says afterwards that the filter is not there
    package func attach(to group: Group) throws(KernelError) {
        let directory = try group.reopened()
        let former = try DeviceFilter.own(directory, group)
        if !former.contains(id) {
            guard berth_bpf_attach(directory.number, program.number) == 0 else {
                throw KernelError("attach a filter of devices to", group.path, code: errno)
            }
        }
        try DeviceFilter.detach(former.filter { $0 != id }, from: directory, group)
        guard try DeviceFilter.own(directory, group) == [id] else {
            throw KernelError("find the filter of devices, just attached, at", group.path, code: EIO)
        }
    }

    /// Takes every filter of Berth's from a group.
    package static func detach(from group: Group) throws(KernelError) {
        let directory = try group.reopened()
        try detach(try own(directory, group), from: directory, group)
    }

    private static func detach(
        _ ids: [UInt32], from directory: borrowing Descriptor, _ group: Group
    ) throws(KernelError) {
        for id in ids {
            let number = berth_bpf_open(id)
            guard number >= 0 else { throw KernelError("open", "filter \(id) of devices", code: errno) }
            let program = Descriptor(owning: number)
            guard berth_bpf_detach(directory.number, program.number) == 0 || errno == ENOENT else {
                throw KernelError("take a filter of devices from", group.path, code: errno)
            }
        }
    }

    /// The filters at this very group that are Berth's.
    private static func own(_ directory: borrowing Descriptor, _ group: Group) throws(KernelError) -> [UInt32] {
        var ids = [UInt32](repeating: 0, count: Int(most))
        let count = berth_bpf_attached(directory.number, &ids, most)
        guard count >= 0 else { throw KernelError("list the filters of devices at", group.path, code: errno) }
        var own: [UInt32] = []
        for id in ids.prefix(Int(count)) {
            let number = berth_bpf_open(id)
            guard number >= 0 else {
                if errno == ENOENT { continue }
                throw KernelError("open", "filter \(id) of devices", code: errno)
            }
            let program = Descriptor(owning: number)
            var description = berth_bpf_program()
            guard berth_bpf_describe(program.number, &description) == 0 else {
                throw KernelError("describe", "filter \(id) of devices", code: errno)
            }
            if withUnsafeBytes(of: description.name, { $0.prefix { $0 != 0 }.elementsEqual(name.utf8) }) {
                own.append(id)
            }
        }
        return own
    }
}
