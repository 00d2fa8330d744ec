internal import BerthModel

/// Tells what a block device is by its name, for names are what drivers have kept since ever.
enum BlockDeviceName {
    /// The kind of a device by its name; nil for a disk, and for the partition of one.
    static func kind(_ name: String) -> Host.Volume.Kind? {
        if let slash = name.firstIndex(of: "/") { return name[..<slash] == "etherd" ? .network : nil }
        if name.hasPrefix("mmcblk") { return name.hasSuffix("rpmb") || isBootArea(name) ? .boot : nil }
        let stem = name.prefix { $0.isASCII && $0.isLetter }
        let rest = name.utf8.dropFirst(stem.utf8.count)
        guard let first = rest.first else { return nil }
        if stem == "dm", first == UInt8(ascii: "-") { return .map }
        if stem == "md", first == UInt8(ascii: "_") { return .raid }
        guard first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else { return nil }
        return kinds[stem]
    }

    private static let kinds: [Substring: Host.Volume.Kind] = [
        "md": .raid, "loop": .loop, "ram": .ram, "dcssblk": .ram, "xpram": .ram, "zram": .zram, "nbd": .network,
        "rbd": .network, "drbd": .network, "rnbd": .network, "fd": .floppy, "sr": .cdrom, "scd": .cdrom,
        "pcd": .cdrom, "bcache": .bcache, "zd": .zvol, "pmem": .pmem, "mtdblock": .flash, "ubiblock": .flash,
        "nullb": .virtual, "ublkb": .virtual,
    ]

    /// `mmcblk0boot1`, `mmcblk0gp2`: areas of an eMMC beside the one that is its disk.
    private static func isBootArea(_ name: String) -> Bool {
        let stem = name.utf8.reversed().drop { $0 >= 0x30 && $0 <= 0x39 }.reversed()
        return stem.suffix(4).elementsEqual("boot".utf8) || stem.suffix(2).elementsEqual("gp".utf8)
    }

    /// The kind of a device-mapper volume, by the prefix its maker gave its UUID (`dm/uuid`).
    static func kind(ofMap uuid: String) -> Host.Volume.Kind {
        if uuid.hasPrefix("part"), let dash = uuid.firstIndex(of: "-"),
            uuid[uuid.index(uuid.startIndex, offsetBy: 4)..<dash].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        {
            return .partition
        }
        let prefixes: [(String, Host.Volume.Kind)] = [
            ("LVM-", .lvm), ("CRYPT-VERITY-", .verity), ("CRYPT-", .crypt), ("mpath-", .multipath),
            ("DMRAID-", .dmraid),
        ]
        return prefixes.first { uuid.hasPrefix($0.0) }?.1 ?? .map
    }

    /// The disk that a partition is of, by its name alone: `sda` of `sda1`, `nvme0n1` of `nvme0n1p1`; nil for a name
    /// that is no partition's. Whether there is such a disk is for the caller to look.
    static func disk(ofPartition name: String) -> String? {
        let isDigit = { (byte: UInt8) in byte >= 0x30 && byte <= 0x39 }
        let bytes = name.utf8
        let trunk = bytes.reversed().drop(while: isDigit).reversed()
        guard trunk.count < bytes.count, let last = trunk.last else { return nil }
        guard last == UInt8(ascii: "p"), let before = trunk.dropLast().last, isDigit(before) else {
            return String(decoding: trunk, as: UTF8.self)
        }
        return String(decoding: trunk.dropLast(), as: UTF8.self)
    }

    /// `nvme0n1` of `nvme0c1n1`, one of the paths to it; nil for another name.
    static func head(ofPath name: String) -> String? {
        guard name.hasPrefix("nvme"), let c = name.firstIndex(of: "c"), let n = name.lastIndex(of: "n"), c < n
        else {
            return nil
        }
        return "\(name[..<c])\(name[n...])"
    }
}
