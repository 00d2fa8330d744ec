/// What of a disk is short: one of its rates, or the disk itself.
package struct DiskRate: Hashable, Sendable {
    /// The disk's name. It may have a slash in it: `cciss/c0d0`.
    package var disk: String
    /// `read`, `write`, `read_iops` or `write_iops`; nil is the disk itself.
    package var rate: String?

    package init(disk: String, rate: String? = nil) {
        self.disk = disk
        self.rate = rate
    }
}

extension DiskRate: CustomStringConvertible {
    /// `vda/write`, or `vda`.
    package var description: String { rate.map { "\(disk)/\($0)" } ?? disk }
}
