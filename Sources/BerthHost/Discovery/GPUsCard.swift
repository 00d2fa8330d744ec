/// What the sources tell of one card, before it is decided what it is.
struct GPUCard {
    /// What PCI says; nil where only a driver tells of the card.
    var function: PCIFunction?
    var address: PCIAddress?
    var drm: DRMDevice?
    /// The card, or its partitions.
    var kfd: [KFDNode] = []
    var nvidia: NVIDIADevice?
    var accelerators: [AcceleratorDevice] = []
    /// Whether a processor's function sits in the same slot.
    var sharesProcessorSlot: Bool?
}

extension GPUCard {
    /// The folder with the attributes of its PCI function or platform device.
    var path: String? { function?.path ?? drm?.path ?? accelerators.first?.path }

    var vendor: String? { function?.vendor ?? kfd.first?.vendor ?? (nvidia == nil ? nil : "10de") }

    var device: String? { function?.device ?? kfd.first?.device }

    var driver: String? {
        function?.driver ?? (nvidia != nil ? "nvidia" : nil) ?? (kfd.isEmpty ? nil : "amdgpu")
    }

    /// Whether something has been found by which a program could use it.
    var hasDeviceFile: Bool { drm != nil || !kfd.isEmpty || nvidia != nil || !accelerators.isEmpty }

    /// Makers whose accelerators of PCI class 0x12 are GPUs too, such as AMD's MI300.
    private static let makers: Set<String> = ["10de", "1002"]

    /// Whether it computes only.
    var isAccelerator: Bool {
        guard function?.baseClass != 0x03, kfd.isEmpty, nvidia == nil else { return false }
        return !(vendor.map { GPUCard.makers.contains($0) } ?? false) && (!accelerators.isEmpty || drm == nil)
    }

    /// Whether it is part of the processor; nil where nothing tells.
    ///
    /// Intel puts its graphics at 00:02.0 since ever. AMD's graphics are so when KFD counts cores in the same node, or
    /// when a function of AMD's processors (USB, security processor: vendor 1022) sits in the same slot, which a card
    /// cannot have. A GPU that is not on PCI is on the chip.
    var isIntegrated: Bool? {
        // Of some accelerators the kernel does not tell the place.
        guard let address else { return drm == nil && !accelerators.isEmpty ? nil : true }
        switch vendor {
        case "8086":
            return address.domain == 0 && address.bus == 0
        case "1002":
            if kfd.contains(where: \.isProcessor) { return true }
            return sharesProcessorSlot
        case "10de":
            return device == "2e12"  // GB10
        case "1d17":
            return true
        default:
            return nil
        }
    }

    /// The second head of a card shows as a display controller of its own, class 0x0380, that no driver takes.
    func isSecondHead(of first: GPUCard?) -> Bool {
        guard let first, let classCode = function?.classCode, classCode >> 8 == 0x0380, address?.function != 0 else {
            return false
        }
        return function?.driver == nil && !hasDeviceFile && first.function?.baseClass == 0x03 && first.vendor == vendor
    }
}
