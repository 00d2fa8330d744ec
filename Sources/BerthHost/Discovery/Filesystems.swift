package import BerthModel

extension Host.Filesystem {
    /// Finds the mounted file systems, each once.
    /// - Parameters:
    ///   - mounts: the host's table of mounts, where it has been read already
    ///   - spaces: tells how much room each has; nil for the kernel's answer, or the recorded one
    package static func discover(
        _ reader: HostReader, mounts: [Mount]? = nil, spaces: FilesystemSpaces? = nil
    ) -> [Host.Filesystem] {
        let mounts = mounts ?? Mounts.ofHost(reader)
        let spaces = spaces ?? FilesystemSpaces.of(reader)
        let kinds = mounts.map { FilesystemKind(type: $0.type, major: $0.number?.major, source: $0.source) }
        // Of mounts at the same place the last one hides the others.
        let last = Dictionary(mounts.enumerated().map { ($1.mountPoint, $0) }) { $1 }
        var best: [String: Int] = [:]
        var overlay: Int?
        for (index, mount) in mounts.enumerated() where last[mount.mountPoint] == index {
            if mount.type == "overlay", mount.mountPoint == "/" { overlay = index }
            guard kinds[index] != .other else { continue }
            let identity = identity(mount)
            if let other = best[identity], !mount.isBetter(than: mounts[other]) { continue }
            best[identity] = index
        }
        // A container's root is an overlay on a disk that may not show otherwise; then it stands for that disk.
        if let overlay, !best.values.contains(where: { kinds[$0] == .local }) { best["overlay"] = overlay }
        let served = mounts.indices.filter { kinds[$0] == .network }.map { mounts[$0].mountPoint }
        return best.values.map { index in
            var filesystem = Host.Filesystem(mounts[index], isServed: kinds[index] == .network, reader)
            // Below a file system that another machine serves the way alone may hang.
            let hangs = filesystem.network || served.contains { filesystem.mountPoint.hasPrefix("\($0)/") }
            if !hangs { filesystem.space = spaces(mounts[index]) }
            return filesystem
        }.sorted { $0.mountPoint < $1.mountPoint }
    }

    /// Mounts with the same identity are of the same file system. ZFS gives every dataset a number of its own while
    /// all datasets of a pool share its room.
    private static func identity(_ mount: Mount) -> String {
        if mount.type == "zfs" { return "zfs \(mount.source.prefix { $0 != "/" })" }
        return mount.number.map { "device \($0)" } ?? "source \(mount.source)"
    }

    private init(_ mount: Mount, isServed: Bool, _ reader: HostReader) {
        self.init(mountPoint: mount.mountPoint, source: mount.source, type: mount.type, number: mount.number)
        readOnly = mount.options.contains("ro")
        projectQuota = !mount.options.isDisjoint(with: ["prjquota", "pquota", "pqnoenforce"])
        network = isServed
        if let number, number.major != 0 {
            device = reader.linkName("sys/dev/block/\(number)")?.asDeviceName
        }
        if device == nil, source.hasPrefix("/dev/") {
            // `/dev/mapper/…` and `/dev/root` are names of another's making.
            let name = source.dropFirst(5)
            if !name.contains("/"), name != "root" { device = String(name) }
        }
    }
}

extension Mount {
    /// Of two mounts of one file system the one that shows its root, and then the shorter path.
    fileprivate func isBetter(than other: Mount) -> Bool {
        let (mine, theirs) = (root == "/", other.root == "/")
        return mine != theirs ? mine : mountPoint.utf8.count < other.mountPoint.utf8.count
    }
}
