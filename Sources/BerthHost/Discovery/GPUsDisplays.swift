internal import BerthModel

/// Display adapters on which nothing can be computed.
enum DisplayAdapters {
    /// What such an adapter is called; nil for a GPU.
    ///
    /// Vendors whose display controllers are all of this sort need no device number. AMD's and Huawei's others are
    /// real GPUs and accelerators, so theirs do.
    ///
    /// What exists in software only may have no driver, or one for all such devices: it is known by its folder's name.
    static func name(vendor: String?, device: String?, driver: String?, place: String?) -> String? {
        if let vendor, let name = vendors[vendor] ?? devices["\(vendor):\(device ?? "")"] { return name }
        if let name = driver.flatMap({ drivers[$0] }) { return name }
        let folder = place?.split(separator: "/").last?.prefix { $0 != "." && $0 != "-" }
        return folder.flatMap { ["vgem", "vkms", "evdi"].contains($0) ? "software" : nil }
    }

    private static let vendors = [
        "1234": "QEMU", "1013": "Cirrus", "1b36": "QXL", "15ad": "VMware", "80ee": "VirtualBox", "1a03": "ASPEED",
        "102b": "Matrox", "126f": "Silicon Motion", "18ca": "XGI", "1039": "SiS", "1023": "Trident", "5333": "S3",
        "121a": "3dfx", "10c8": "NeoMagic", "0014": "Loongson", "5853": "Xen", "1ab8": "Parallels",
        "fb5d": "bhyve",
    ]

    private static let devices = [
        "1af4:1050": "virtio", "1414:5353": "Hyper-V", "19e5:1711": "HiSilicon", "1d0f:1111": "EC2",
        "1002:515e": "ES1000", "1002:515f": "ES1000", "1002:5969": "ES1000", "1002:5159": "Radeon 7000",
        "1002:4752": "Rage XL", "1002:4750": "Rage", "1002:4754": "Rage", "1002:4756": "Rage",
    ]

    /// DRM drivers of screens that are no PCI device, and of those that exist in software only.
    private static let drivers = [
        "virtio_gpu": "virtio", "hyperv_drm": "Hyper-V", "hyperv_fb": "Hyper-V", "simple-framebuffer": "firmware",
        "efi-framebuffer": "firmware", "vesa-framebuffer": "firmware", "vgem": "software", "vkms": "software",
        "evdi": "software", "bochs-drm": "QEMU", "xen-vfb": "Xen", "vkms-faux": "software",
    ]
}
