public import BerthJSON

extension Host {
    /// A block device that is no whole disk: a part of one, something made of several, or no disk at all.
    public struct Volume: Hashable, Sendable {
        /// The name without `/dev/`: `sda1`, `dm-0`, `md127`.
        public var name: String
        /// What it is.
        public var kind: Kind
        /// The device number (`dev`).
        public var number: DeviceNumber?
        /// Size in bytes (`size`).
        public var sizeBytes: Int?
        /// Whether it has spinning platters below it (`queue/rotational`).
        public var rotational: Bool?
        /// Whether it cannot be written (`ro`).
        public var readOnly: Bool?
        /// The name a device-mapper volume was given, as below `/dev/mapper` (`dm/name`).
        public var mapName: String?
        /// The level of a RAID: `raid1` (`md/level`).
        public var level: String?
        /// How many members a RAID lacks (`md/degraded`).
        public var missingMembers: Int?
        /// What it lies on: the disk of a partition, the members of a map or RAID (`slaves`).
        public var on: [String]

        /// - Parameters:
        ///   - name: the name without `/dev/`
        ///   - kind: what it is
        ///   - sizeBytes: size in bytes
        ///   - on: what it lies on
        public init(
            name: String, kind: Kind, number: DeviceNumber? = nil, sizeBytes: Int? = nil, rotational: Bool? = nil,
            readOnly: Bool? = nil, mapName: String? = nil, level: String? = nil, missingMembers: Int? = nil,
            on: [String] = []
        ) {
            self.name = name
            self.kind = kind
            self.number = number
            self.sizeBytes = sizeBytes
            self.rotational = rotational
            self.readOnly = readOnly
            self.mapName = mapName
            self.level = level
            self.missingMembers = missingMembers
            self.on = on
        }
    }
}

extension Host.Volume {
    /// The kinds of block device that are no whole disk.
    public enum Kind: String, Hashable, Sendable {
        /// A part of a disk, by its partition table.
        case partition
        /// A logical volume (dm/uuid `LVM-`).
        case lvm
        /// An encrypted volume (`CRYPT-`).
        case crypt
        /// A read-only volume checked against hashes (`CRYPT-VERITY-`).
        case verity
        /// The paths to a disk as one device (`mpath-`).
        case multipath
        /// A RAID of the firmware's making (`DMRAID-`).
        case dmraid
        /// Another map of the device mapper.
        case map = "dm"
        /// A software RAID of the md driver.
        case raid = "md"
        /// A file as a block device.
        case loop
        /// A RAM disk.
        case ram
        /// Compressed memory, mostly for swap.
        case zram
        /// A device on another machine: nbd, rbd, drbd.
        case network
        /// A disk with a cache before it.
        case bcache
        /// A volume of a ZFS pool.
        case zvol
        /// Persistent memory.
        case pmem
        /// Raw flash, as of small boards.
        case flash
        /// A boot or protected area of an eMMC.
        case boot
        /// A CD, DVD or BD drive.
        case cdrom
        /// A floppy drive.
        case floppy
        /// A disk whose medium comes out: a USB stick, a card.
        case removable
        /// Another device without hardware of its own.
        case virtual
    }

    /// The volume in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("name", name)
        json.add("kind", kind.rawValue)
        json.add("device", number?.description)
        json.add("size_bytes", sizeBytes)
        json.add("rotational", rotational)
        json.add("read_only", readOnly)
        json.add("map_name", mapName)
        json.add("level", level)
        json.add("missing_members", missingMembers)
        if !on.isEmpty { json.add("on", on.map { .string($0) }) }
        return json.value
    }
}
