internal import BerthModel

/// Tells which whole disks a mounted file system lies on.
struct DisksBelow {
    let reader: HostReader
    /// The host's table of mounts: a file can be a block device too.
    let mounts: [Mount]

    /// The names of the disks, as below `/dev`; empty for a file system that is on none, nil where there is no telling.
    func disks(of mount: Mount) -> Set<String>? {
        var seen: Set<String> = []
        return disks(of: mount, &seen)
    }

    private func disks(of mount: Mount, _ seen: inout Set<String>) -> Set<String>? {
        switch FilesystemKind(type: mount.type, major: mount.number?.major, source: mount.source) {
        case .network: return []
        // In memory, or over another one, which may be anywhere.
        case .other: return mount.type == "overlay" ? nil : []
        case .local: break
        }
        if let number = mount.number, number.major != 0 {
            return reader.linkName("sys/dev/block/\(number)").flatMap { disks(below: $0, &seen) }
        }
        // Those that span devices name one of them, or all: `/dev/sda1:/dev/sdb1`. ZFS names its pool.
        let names = mount.source.split(separator: ":").map(String.init)
        guard names.allSatisfy({ $0.hasPrefix("/dev/") }) else { return nil }
        return union(names.map { String($0.dropFirst(5)).asSysfsName }, &seen)
    }

    /// The disks that a block device lies on: itself, that of a partition, those of a map or RAID, those of a file.
    private func disks(below name: String, _ seen: inout Set<String>) -> Set<String>? {
        guard seen.insert(name).inserted else { return [] }
        let path = "sys/class/block/\(name)"
        guard reader.exists(path) else { return nil }
        if reader.exists("\(path)/partition") {
            // A partition's folder lies in its disk's: `…/block/sda/sda1`.
            let above = reader.linkTarget(path)?.split(separator: "/").dropLast().last.map(String.init)
            return (above ?? BlockDeviceName.disk(ofPartition: name)).flatMap { disks(below: $0, &seen) }
        }
        let members = reader.names("\(path)/slaves")
        guard members.isEmpty else { return union(members, &seen) }
        if let file = reader.word("\(path)/loop/backing_file") {
            return holder(of: file).flatMap { disks(of: $0, &seen) }
        }
        return [name.asDeviceName]
    }

    private func union(_ names: [String], _ seen: inout Set<String>) -> Set<String>? {
        var disks: Set<String> = []
        for name in names {
            guard let below = self.disks(below: name, &seen) else { return nil }
            disks.formUnion(below)
        }
        return disks
    }

    /// What is mounted where a file lies: of mounts at the same place the last one hides the others.
    private func holder(of file: String) -> Mount? {
        mounts.reduce(nil) { best, mount in
            guard mount.mountPoint == "/" || file.hasPrefix("\(mount.mountPoint)/") else { return best }
            return mount.mountPoint.utf8.count >= best?.mountPoint.utf8.count ?? 0 ? mount : best
        }
    }
}
