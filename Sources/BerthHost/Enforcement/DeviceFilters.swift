internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The filters of devices that leaves have: one for all leaves that may open the same.
final class DeviceFilters {
    /// What became of a leaf's filter.
    enum Outcome {
        /// Nothing is denied.
        case none
        /// The kernel's number of the filter.
        case filter(UInt32)
        /// Why there is none.
        case failed(String)
    }

    /// So many are kept loaded; most leaves have the same.
    private static let most = 256

    private var loaded: [[DeviceNode]: DeviceFilter] = [:]
    /// Why this kernel, or this agent, can have none; nil while nothing says so.
    private var missing: String?

    /// Tries again what could not be had.
    func reset() { missing = nil }

    /// Brings a group's filter to deny these devices; none takes it away.
    func set(_ denied: [DeviceNode], on group: Group) throws(KernelError) -> Outcome {
        if let missing { return .failed(missing) }
        let filter: DeviceFilter
        do throws(KernelError) {
            guard !denied.isEmpty else {
                try DeviceFilter.detach(from: group)
                return .none
            }
            filter = try self.filter(denied)
        } catch {
            guard [EPERM, EACCES, ENOSYS, EINVAL, EOPNOTSUPP].contains(error.code) else { throw error }
            // Not to be tried again at each grant; the receipts of those who hold devices say so.
            missing = "devices are not kept from others: \(error)"
            return .failed("devices are not kept from others: \(error)")
        }
        do throws(KernelError) { try filter.attach(to: group) } catch {
            // Somebody else's filter may be in the way at this very group.
            guard [EPERM, EINVAL, E2BIG].contains(error.code) else { throw error }
            return .failed("devices are not kept from others: \(error)")
        }
        return .filter(filter.id)
    }

    private func filter(_ denied: [DeviceNode]) throws(KernelError) -> DeviceFilter {
        if let known = loaded[denied] { return known }
        if loaded.count >= DeviceFilters.most { loaded = [:] }
        let filter = try DeviceFilter(denying: denied)
        loaded[denied] = filter
        return filter
    }
}
