/// Brings together what PCI, DRM, KFD, NVIDIA's driver and the accelerator classes tell of the same card.
struct GPUSources {
    /// Cards on PCI, by address.
    private(set) var cards: [PCIAddress: GPUCard] = [:]
    /// Cards that are part of a chip, in the order of their names.
    private(set) var others: [GPUCard] = []
    /// Render nodes of partitions, by minor: amdgpu makes them platform devices without a place on PCI.
    private(set) var partitions: [Int: DRMDevice] = [:]

    init(_ reader: HostReader) {
        for function in PCIFunction.candidates(reader) {
            guard let address = function.address else { continue }
            cards[address] = GPUCard(function: function, address: address)
        }
        for device in DRMDevice.all(reader) { add(device, reader) }
        for device in NVIDIADevice.all(reader) {
            cards[device.address, default: GPUCard(address: device.address)].nvidia = device
        }
        for device in AcceleratorDevice.all(reader) { add(device, reader) }
        add(KFDNode.all(reader))
        markProcessorSlots(reader)
    }

    private mutating func add(_ device: DRMDevice, _ reader: HostReader) {
        if let place = device.place, place.contains("/amdgpu_xcp") {
            if let minor = device.renderMinor { partitions[minor] = device }
            return
        }
        if let address = device.pci, cards[address] != nil {
            cards[address]?.drm = device
            return
        }
        let function = PCIFunction(reader, path: device.path, address: device.pci)
        guard let address = function?.address ?? device.pci else {
            let driver = reader.linkName("\(device.path)/driver") ?? Uevent(reader, in: device.path)?["DRIVER"]
            var card = GPUCard(drm: device)
            card.function = PCIFunction(path: device.path, driver: driver)
            others.append(card)
            return
        }
        cards[address, default: GPUCard(function: function, address: address)].drm = device
    }

    private mutating func add(_ device: AcceleratorDevice, _ reader: HostReader) {
        guard let address = device.pci else {
            others.append(GPUCard(accelerators: [device]))
            return
        }
        if cards[address] == nil {
            let function = PCIFunction(reader, path: device.path, address: address)
            cards[address] = GPUCard(function: function, address: address)
        }
        cards[address]?.accelerators.append(device)
    }

    /// Gives each node of KFD to its card. A node whose function digit is that of a partition goes to function 0 of
    /// the slot, or without PCI to the lowest function of the same card there.
    private mutating func add(_ nodes: [KFDNode]) {
        let slots = Dictionary(grouping: nodes) { $0.address.with(function: 0) }
        for (slot, nodes) in slots {
            for node in nodes {
                let home: PCIAddress
                if cards[node.address]?.function != nil {
                    home = node.address
                } else if cards[slot]?.function != nil {
                    home = slot
                } else {
                    let same = nodes.filter { $0.uniqueID == node.uniqueID }
                    home = same.map(\.address).min() ?? node.address
                }
                cards[home, default: GPUCard(address: home)].kfd.append(node)
            }
        }
    }

    /// Looks whether a function of AMD's processors sits in the slot of an AMD GPU.
    private mutating func markProcessorSlots(_ reader: HostReader) {
        let addresses = cards.filter { $0.value.vendor == "1002" }.map(\.key)
        guard !addresses.isEmpty else { return }
        var slots: [PCIAddress: [(address: PCIAddress, name: String)]] = [:]
        for name in reader.names("sys/bus/pci/devices") {
            guard let other = PCIAddress(name) else { continue }
            slots[other.with(function: 0), default: []].append((other, name))
        }
        for address in addresses {
            let slot = slots[address.with(function: 0)] ?? []
            // Where this folder was not recorded nothing is known of the slot.
            guard slot.contains(where: { $0.address == address }) else { continue }
            cards[address]?.sharesProcessorSlot = slot.contains {
                $0.address != address && reader.hexadecimal("sys/bus/pci/devices/\($0.name)/vendor") == 0x1022
            }
        }
    }
}
