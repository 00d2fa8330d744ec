internal import BerthJSON

extension Host {
    /// What the request queue of a disk takes: `/sys/class/block/NAME/queue`.
    public struct DiskQueue: Hashable, Sendable {
        /// The smallest unit that can be addressed, in bytes (`logical_block_size`).
        public var logicalBlockBytes: Int?
        /// The smallest unit that can be written without reading first, in bytes (`physical_block_size`).
        public var physicalBlockBytes: Int?
        /// How many requests of each direction are queued before a writer waits (`nr_requests`).
        public var requests: Int?
        /// The largest request that the kernel sends, in bytes (`max_sectors_kb`).
        public var largestRequestBytes: Int?
        /// The I/O scheduler in use: `none`, `mq-deadline`, `bfq` (`scheduler`, the one in brackets).
        public var scheduler: String?
        /// The I/O schedulers to choose from; `bfq` is what `io.bfq.weight` needs.
        public var schedulers: [String]
        /// Whether blocks can be given back, as of an SSD (`discard_max_bytes`, else `discard_granularity`).
        public var discard: Bool?
        /// `host-managed` or `host-aware` for disks with zones (`zoned`); nil also where there are none.
        public var zoned: String?

        /// - Parameters:
        ///   - logicalBlockBytes: the smallest unit that can be addressed
        ///   - physicalBlockBytes: the smallest unit that can be written without reading first
        ///   - requests: queued requests of each direction
        ///   - largestRequestBytes: the largest request that the kernel sends
        ///   - scheduler: the I/O scheduler in use
        ///   - schedulers: the I/O schedulers to choose from
        ///   - discard: whether blocks can be given back
        ///   - zoned: the kind of zones
        public init(
            logicalBlockBytes: Int? = nil, physicalBlockBytes: Int? = nil, requests: Int? = nil,
            largestRequestBytes: Int? = nil, scheduler: String? = nil, schedulers: [String] = [],
            discard: Bool? = nil, zoned: String? = nil
        ) {
            self.logicalBlockBytes = logicalBlockBytes
            self.physicalBlockBytes = physicalBlockBytes
            self.requests = requests
            self.largestRequestBytes = largestRequestBytes
            self.scheduler = scheduler
            self.schedulers = schedulers
            self.discard = discard
            self.zoned = zoned
        }
    }
}

extension Host.DiskQueue {
    /// The queue in the host's document; what is unknown is left out.
    var json: HostJSON {
        var json = HostJSON()
        json.add("logical_block_bytes", logicalBlockBytes)
        json.add("physical_block_bytes", physicalBlockBytes)
        json.add("requests", requests)
        json.add("largest_request_bytes", largestRequestBytes)
        json.add("scheduler", scheduler)
        if !schedulers.isEmpty { json.add("schedulers", schedulers.map { .string($0) }) }
        json.add("discard", discard)
        json.add("zoned", zoned)
        return json
    }
}
