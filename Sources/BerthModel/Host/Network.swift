extension Host {
    /// Network interfaces, hardware and virtual.
    public struct Network: Hashable, Sendable {
        /// Interfaces that are hardware as this machine sees it: cards, ports, virtual functions, a guest's virtio.
        public var nics: [NIC]
        /// Interfaces that the kernel makes: bridges, bonds, VLANs, tunnels, `lo`.
        public var virtualNICs: [NIC]

        /// - Parameters:
        ///   - nics: interfaces that are hardware
        ///   - virtualNICs: interfaces that the kernel makes
        public init(nics: [NIC] = [], virtualNICs: [NIC] = []) {
            self.nics = nics
            self.virtualNICs = virtualNICs
        }
    }
}
