internal import BerthModel

extension Host.NIC {
    /// Reads what one interface tells, Documentation/ABI/testing/sysfs-class-net. An attribute that it does not have,
    /// or not while it is down, is an error to read and unknown here.
    static func discover(
        _ reader: HostReader, _ place: NICPlace, among names: Set<String>, _ locality: DeviceLocality
    ) -> Host.NIC {
        let path = place.path
        let type = reader.integer("\(path)/type")
        let folder = reader.names(path)
        var nic = Host.NIC(name: place.name, link: type.map { NICKind.link(type: $0) })
        nic.kind = NICKind.name(reader, place, type: type, folder: Set(folder), among: names)
        nic.state = reader.known("\(path)/operstate")
        nic.carrier = reader.flag("\(path)/carrier")
        nic.duplex = reader.known("\(path)/duplex")
        nic.mtuBytes = reader.count("\(path)/mtu")
        nic.bitsPerSecond = speed(reader, path, type: type)
        let queues = reader.names("\(path)/queues")
        if !queues.isEmpty {
            nic.receiveQueues = queues.count { $0.hasPrefix("rx-") }
            nic.transmitQueues = queues.count { $0.hasPrefix("tx-") }
        }
        nic.master = reader.linkName("\(path)/master")
        nic.on = folder.filter { $0.hasPrefix("lower_") }.map { String($0.dropFirst(6)) }
        if nic.on.isEmpty, nic.kind == "vlan" { nic.on = [NICKind.trunk(place.name, names)].compactMap { $0 } }
        guard place.isHardware else { return nic }
        nic.driver = reader.linkName("\(path)/device/driver")
        nic.bus = reader.linkName("\(path)/device/subsystem")
        if let device = place.device {
            nic.pci = DevicePath.pci(in: device)?.description
            nic.pcieSwitch = DevicePath.pcieSwitch(in: device)?.description
            nic.numaNode = locality.numaNode(at: device)
        }
        nic.physicalFunction = reader.linkName("\(path)/device/physfn").flatMap { PCIAddress($0)?.description }
        if nic.physicalFunction == nil, let total = reader.count("\(path)/device/sriov_totalvfs"), total > 0 {
            nic.virtualFunctions = reader.count("\(path)/device/sriov_numvfs")
        }
        return nic
    }

    /// Bits a second. Unknown is -1, as 32 or 16 bits without a sign in old kernels, 0, or an error.
    private static func speed(_ reader: HostReader, _ path: String, type: Int?) -> Int? {
        if let megabits = reader.integer("\(path)/speed"), (1..<Int(UInt32.max)).contains(megabits),
            megabits != Int(UInt16.max)
        {
            return megabits * 1_000_000
        }
        return type == NICKind.infiniband ? rate(reader, path) : nil
    }

    /// The rate of an InfiniBand port, `56 Gb/sec (4X FDR)`, which kernels before 4.20 do not give as a speed.
    private static func rate(_ reader: HostReader, _ path: String) -> Int? {
        guard let adapter = reader.names("\(path)/device/infiniband").first else { return nil }
        // Ports count from 1, devices from 0; `dev_port` is the newer file, and 0 where a driver uses the older.
        let index =
            reader.count("\(path)/dev_port").flatMap { $0 > 0 ? $0 : nil }
            ?? reader.hexadecimal("\(path)/dev_id") ?? 0
        let file = "\(path)/device/infiniband/\(adapter)/ports/\(index + 1)/rate"
        guard let text = reader.text(file), !text.isEmpty else { return nil }
        let number = text.prefix { $0 != " " }.split(separator: ".", omittingEmptySubsequences: false)
        guard text.contains(" Gb/sec"), let first = number.first, let whole = Int(first), (0..<100_000).contains(whole),
            let tenths = number.count == 2 ? Int(number[1].prefix(1)) : 0
        else {
            reader.noteWrong(file, text, expected: "a rate such as 56 Gb/sec (4X FDR)")
            return nil
        }
        let rate = whole * 1_000_000_000 + tenths * 100_000_000
        return rate > 0 ? rate : nil
    }
}
