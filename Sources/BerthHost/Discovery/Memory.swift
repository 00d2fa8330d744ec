internal import BerthModel

extension Host.Memory {
    /// Puts memory together from `/proc/meminfo` and `/sys/kernel/mm/hugepages`.
    /// - Parameters:
    ///   - info: `/proc/meminfo`, nil where it is absent: then the nodes' memory is added up
    ///   - nodes: the NUMA nodes
    static func discover(_ reader: HostReader, info: MemoryInfo?, nodes: [Host.NUMANode]) -> Host.Memory {
        Host.Memory(
            total: info?.total ?? nodes.map(\.memory).sum, available: info?.available, swapTotal: info?.swapTotal,
            swapFree: info?.swapFree,
            hugePages: Host.HugePages.discover(
                reader, in: "sys/kernel/mm/hugepages", counts: info, defaultSize: info?.hugePageSize))
    }
}

extension [Int?] {
    /// The sum; nil when there is nothing to add, a part is unknown, or the sum does not fit.
    var sum: Int? {
        guard !isEmpty else { return nil }
        return reduce(0) { sum, part in
            guard let sum, let part else { return nil }
            let (result, overflow) = sum.addingReportingOverflow(part)
            return overflow ? nil : result
        }
    }
}
