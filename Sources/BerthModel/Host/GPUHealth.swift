extension Host {
    /// How well a GPU is, as far as the kernel counts it. Each is nil where nothing counts it.
    public struct GPUHealth: Hashable, Sendable {
        /// PCIe errors that the link repaired (`aer_dev_correctable`, TOTAL_ERR_COR).
        public var correctableErrors: Int?
        /// PCIe errors that lost a transaction (`aer_dev_nonfatal`, TOTAL_ERR_NONFATAL).
        public var nonfatalErrors: Int?
        /// PCIe errors after which the link cannot be trusted (`aer_dev_fatal`, TOTAL_ERR_FATAL).
        public var fatalErrors: Int?
        /// PCIe packets sent again (amdgpu's `pcie_replay_count`).
        public var replays: Int?
        /// Memory and logic errors that were repaired (amdgpu's `ras/*_err_count`, `ce`).
        public var repairedErrors: Int?
        /// Memory and logic errors that were not (`ue`).
        public var unrepairedErrors: Int?
        /// How often the device was reset (Habana's `hard_reset_cnt` and `soft_reset_cnt` together).
        public var resets: Int?
        /// What the driver says of it: `Operational` (Habana's `status`).
        public var status: String?
        /// Speed of a lane now, in megatransfers/s (`current_link_speed`); it may rest when idle.
        public var linkSpeed: Int?
        /// Speed of a lane at most, in megatransfers/s (`max_link_speed`).
        public var fullLinkSpeed: Int?
        /// Lanes in use (`current_link_width`).
        public var linkWidth: Int?
        /// Lanes at most (`max_link_width`).
        public var fullLinkWidth: Int?
        /// `D0` is on, `D3cold` is off until used (`power_state`).
        public var powerState: String?

        /// Nothing is known.
        public init() {}
    }
}

extension Host.GPUHealth {
    /// The health in the host's document; what is unknown is left out.
    var json: HostJSON {
        var json = HostJSON()
        json.add("correctable_errors", correctableErrors)
        json.add("nonfatal_errors", nonfatalErrors)
        json.add("fatal_errors", fatalErrors)
        json.add("replays", replays)
        json.add("repaired_errors", repairedErrors)
        json.add("unrepaired_errors", unrepairedErrors)
        json.add("resets", resets)
        json.add("status", status)
        json.add("link_megatransfers_per_second", linkSpeed)
        json.add("full_link_megatransfers_per_second", fullLinkSpeed)
        json.add("link_width", linkWidth)
        json.add("full_link_width", fullLinkWidth)
        json.add("power_state", powerState)
        return json
    }
}
