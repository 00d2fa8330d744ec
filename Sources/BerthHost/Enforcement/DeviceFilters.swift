internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The filters of devices that leaves have: one for all leaves that may open the same.
final class DeviceFilters {
    /// So many are kept loaded; most leaves have the same.
    private static let most = 256

    private var loaded: [[DeviceNode]: DeviceFilter] = [:]
    /// Why this kernel, or this agent, can have none; nil while nothing says so.
    private(set) var missing: String?

    /// Brings a group's filter to deny these devices; none takes it away.
    /// - Returns: the kernel's number of the filter; nil for none
    func set(_ denied: [DeviceNode], on group: Group) throws(KernelError) -> UInt32? {
        guard missing == nil else { return nil }
        do throws(KernelError) {
            guard !denied.isEmpty else {
                try DeviceFilter.detach(from: group)
                return nil
            }
            let filter = try filter(denied)
            try filter.attach(to: group)
            return filter.id
        } catch {
            guard [EPERM, EACCES, ENOSYS, EINVAL, E2BIG, EOPNOTSUPP].contains(error.code) else { throw error }
            // Not to be tried again at each grant; the receipts of those who hold devices say so.
            missing = "devices are not kept from others: \(error)"
            return nil
        }
    }

    private func filter(_ denied: [DeviceNode]) throws(KernelError) -> DeviceFilter {
        if let known = loaded[denied] { return known }
        guard denied.count <= DeviceFilter.mostDevices else {
            throw KernelError(
                "filter \(denied.count) devices, where \(DeviceFilter.mostDevices) are the most, at", "a leaf",
                code: E2BIG)
        }
        if loaded.count >= DeviceFilters.most { loaded = [:] }
        let filter = try DeviceFilter(denying: denied)
        loaded[denied] = filter
        return filter
    }
}
