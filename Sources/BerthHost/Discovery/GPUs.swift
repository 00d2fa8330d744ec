package import BerthModel

/// Finds the GPUs and accelerators of a host, and the display adapters that are none.
package enum GPUs {
    /// - Returns: every unit that can be given to work, by PCI address and then by partition; and the adapters
    package static func discover(_ reader: HostReader) -> (gpus: [Host.GPU], displays: [Host.Display]) {
        let sources = GPUSources(reader)
        let locality = DeviceLocality(reader)
        var gpus: [Host.GPU] = []
        var displays: [Host.Display] = []
        let cards = sources.cards.sorted { $0.key < $1.key }.map(\.value) + sources.others
        for card in cards {
            if let display = display(card) {
                displays.append(display)
            } else if isUnit(card, in: sources) {
                gpus += units(card, reader, locality, sources.partitions)
            }
        }
        return (gpus, displays)
    }

    private static func display(_ card: GPUCard) -> Host.Display? {
        // What has no place on PCI and no render node only shows pictures.
        let name = DisplayAdapters.name(
            vendor: card.vendor, device: card.device, driver: card.driver, place: card.drm?.place)
        guard name != nil || (card.address == nil && card.drm != nil && card.drm?.renderMinor == nil) else {
            return nil
        }
        return Host.Display(
            pci: card.address?.description, vendor: card.vendor, device: card.device, driver: card.driver, name: name)
    }

    /// Whether a card can be given to work. Virtual functions that no driver offers here are kept for guests.
    private static func isUnit(_ card: GPUCard, in sources: GPUSources) -> Bool {
        if card.nvidia?.isExcluded ?? false { return false }
        if card.function?.physicalFunction != nil { return card.hasDeviceFile }
        return !card.isSecondHead(of: card.address.flatMap { sources.cards[$0.with(function: 0)] })
    }

    private static func units(
        _ card: GPUCard, _ reader: HostReader, _ locality: DeviceLocality, _ partitions: [Int: DRMDevice]
    ) -> [Host.GPU] {
        var whole = Host.GPU(kind: card.isAccelerator ? .accelerator : .gpu, pci: card.address?.description)
        whole.vendor = card.vendor
        whole.device = card.device
        whole.driver = card.driver
        whole.model = card.nvidia?.model
        whole.integrated = card.isIntegrated
        whole.uuid = card.nvidia?.uuid
        whole.nvidiaMinor = card.nvidia?.minor
        whole.card = card.drm?.card
        whole.renderMinor = card.drm?.renderMinor
        whole.nodes = nodes(card)
        if let parent = card.function?.physicalFunction {
            whole.virtualFunction = true
            whole.parent = parent.description
        }
        if let path = card.path {
            whole.model = whole.model ?? reader.text("\(path)/product_name").flatMap { $0.isEmpty ? nil : $0 }
            whole.vramBytes = memory(card, path, reader)
            whole.computePartition = reader.text("\(path)/current_compute_partition")
            whole.numaNode = numaNode(card, path, reader, locality)
            whole.pcieSwitch = pcieSwitch(card, reader)?.description
            whole.localCPUs = reader.list("\(path)/local_cpulist")
        }
        whole.health = Host.GPUHealth.discover(
            reader, path: card.path, accelerator: card.accelerators.first?.driverPath)
        if let device = card.nvidia, !device.instances.isEmpty { return instances(of: device, whole) }
        guard !card.kfd.isEmpty else { return [whole] }
        return nodes(of: card, whole, partitions)
    }

    /// The device files of a whole card.
    private static func nodes(_ card: GPUCard) -> [String] {
        var nodes = card.drm?.nodes ?? []
        if let minor = card.nvidia?.minor { nodes += ["/dev/nvidia\(minor)", "/dev/nvidiactl", "/dev/nvidia-uvm"] }
        return nodes + card.accelerators.map(\.node)
    }

    private static func pcieSwitch(_ card: GPUCard, _ reader: HostReader) -> PCIAddress? {
        if let place = card.drm?.place { return DevicePath.pcieSwitch(in: place) }
        guard let address = card.address else { return nil }
        let link = "sys/bus/pci/devices/\(address)"
        return reader.linkTarget(link).flatMap { DevicePath.pcieSwitch(in: DevicePath.following($0, at: link)) }
    }

    private static func numaNode(
        _ card: GPUCard, _ path: String, _ reader: HostReader, _ locality: DeviceLocality
    ) -> Int? {
        if let node = reader.integer("\(path)/numa_node"), (0..<CPUSet.capacity).contains(node) { return node }
        // Not known of the card itself, perhaps of the bridge above it.
        if let place = card.drm?.place { return locality.numaNode(at: DevicePath.dropping(1, from: place)) }
        guard let address = card.address else { return nil }
        let link = "sys/bus/pci/devices/\(address)"
        return reader.linkTarget(link).flatMap {
            locality.numaNode(at: DevicePath.dropping(1, from: DevicePath.following($0, at: link)))
        }
    }

    /// Memory of the card's own: amdgpu tells it, xe for each tile, Intel's own build of i915 on the DRM card.
    private static func memory(_ card: GPUCard, _ path: String, _ reader: HostReader) -> Int? {
        var files: [String] = []
        switch card.driver {
        case "xe":
            files = reader.names(path).filter { $0.hasPrefix("tile") }.map { "\(path)/\($0)/physical_vram_size_bytes" }
        case "i915":
            if let name = card.drm?.card { files = ["sys/class/drm/\(name)/lmem_total_bytes"] }
        default:
            files = ["\(path)/mem_info_vram_total"]
        }
        var sum: Int?
        for file in files {
            guard let bytes = reader.integer(file), bytes > 0 else { continue }
            let (total, overflow) = (sum ?? 0).addingReportingOverflow(bytes)
            guard !overflow else { return nil }
            sum = total
        }
        return sum
    }
}
