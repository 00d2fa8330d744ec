public import BerthJSON

extension Host {
    /// Memory, swap and huge pages of the whole host, in bytes.
    public struct Memory: Hashable, Sendable {
        /// `MemTotal` of `/proc/meminfo`; the sum over the NUMA nodes where that file is absent.
        public var total: Int?
        /// What can be had without swapping: `MemAvailable`, unknown on kernels before 3.14.
        public var available: Int?
        /// `SwapTotal`.
        public var swapTotal: Int?
        /// `SwapFree`.
        public var swapFree: Int?
        /// Huge pages of each size, smallest first; empty where the kernel has none.
        public var hugePages: [HugePages]
        /// NUMA nodes that the agent's own cpuset lets it take memory from.
        public var allowedNodes: CPUSet?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            total: Int? = nil, available: Int? = nil, swapTotal: Int? = nil, swapFree: Int? = nil,
            hugePages: [HugePages] = [], allowedNodes: CPUSet? = nil
        ) {
            self.total = total
            self.available = available
            self.swapTotal = swapTotal
            self.swapFree = swapFree
            self.hugePages = hugePages
            self.allowedNodes = allowedNodes
        }
    }

    /// Huge pages of one size: `/sys/kernel/mm/hugepages/hugepages-2048kB`, and the same below a NUMA node.
    public struct HugePages: Hashable, Sendable {
        /// The size of one page in KiB.
        public var sizeKiB: Int
        /// Pages set aside, in use or not (`nr_hugepages`). Their memory is in no other use.
        public var count: Int
        /// Pages that nothing uses (`free_hugepages`).
        public var free: Int?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(sizeKiB: Int, count: Int, free: Int? = nil) {
            self.sizeKiB = sizeKiB
            self.count = count
            self.free = free
        }
    }
}

extension Host.Memory {
    /// `{"total_bytes", "available_bytes", …, "hugepages": {"2048": 512}, "allowed_nodes": "0-1"}`.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("total_bytes", total)
        json.add("available_bytes", available)
        json.add("swap_total_bytes", swapTotal)
        json.add("swap_free_bytes", swapFree)
        json.add(hugePages)
        json.add("allowed_nodes", allowedNodes)
        return json.value
    }
}

extension HostJSON {
    /// Adds `hugepages` and `hugepages_free`: numbers of pages by the page's size in KiB.
    mutating func add(_ hugePages: [Host.HugePages]) {
        guard !hugePages.isEmpty else { return }
        var count = HostJSON()
        var free = HostJSON()
        for pages in hugePages {
            count.add("\(pages.sizeKiB)", pages.count)
            free.add("\(pages.sizeKiB)", pages.free)
        }
        add("hugepages", count.value)
        addUnlessEmpty("hugepages_free", free)
    }
}
