extension Host {
    /// Disks and what is made of them.
    public struct Storage: Hashable, Sendable {
        /// Whole disks, each once, by name.
        public var disks: [Disk]
        /// Every other block device that has a size, by name: their sizes are contained in those of the disks, or in
        /// that of the memory.
        public var volumes: [Volume]

        /// - Parameters:
        ///   - disks: whole disks
        ///   - volumes: every other block device
        public init(disks: [Disk] = [], volumes: [Volume] = []) {
            self.disks = disks
            self.volumes = volumes
        }
    }
}
