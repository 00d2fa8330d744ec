internal import BerthJSON

extension Capacity {
    /// The units of a type that are held whole: what plugins provide, and the host's own GPUs with what a plugin knows of
    /// them.
    public func wholeUnits(_ type: ResourceType) -> [Unit] {
        guard type == .gpu else { return provided[type] ?? [] }
        guard let extending = provided[.gpu], !extending.isEmpty else { return gpus }
        return Capacity.joined(gpus, extending)
    }

    /// A GPU is known by its address to the kernel and to the plugin; what the plugin says goes before what the kernel says.
    /// The plugin may bring parts of it; it cannot bring GPUs that the host does not have.
    private static func joined(_ own: [Unit], _ extending: [Unit]) -> [Unit] {
        var left = extending
        // A part that is held after its plugin is gone has no whole beside it.
        let addresses = Set(extending.map { $0.parent ?? $0.name })
        var units: [Unit] = own.map { gpu in
            guard let place = left.firstIndex(where: { $0.name == gpu.name }) else {
                return gpu.name != gpu.address && addresses.contains(gpu.address) ? gpu.covered : gpu
            }
            return gpu.extended(by: left.remove(at: place))
        }
        units += left.map { unit in
            // One that the kernel shows by its parts alone.
            if unit.parent == nil, let part = own.first(where: { $0.address == unit.name }) {
                return part.extended(by: unit)
            }
            guard unit.failure == nil, !own.contains(where: { $0.address == unit.parent ?? unit.name }) else {
                return unit
            }
            var unknown = unit
            unknown.failure = "the host shows no GPU at this address"
            return unknown
        }
        return units
    }
}

extension Capacity.Unit {
    /// Whether it is a part of another unit, such as a MIG device; one that the kernel shows has no parent and yet not the
    /// name of its GPU.
    public var isPart: Bool { parent != nil || name != address }

    /// The PCI address of a GPU; its name where it has none.
    fileprivate var address: String {
        guard case .string(let address)? = capabilities["pci"] else { return name }
        return address
    }

    /// The unit with what a plugin says of it, under the plugin's name.
    fileprivate func extended(by extending: Capacity.Unit) -> Capacity.Unit {
        var unit = extending
        unit.capabilities.merge(capabilities) { plugin, _ in plugin }
        unit.node = node ?? extending.node
        unit.failure = failure ?? extending.failure
        return unit
    }

    /// A part of a GPU as the kernel shows it, which its plugin has under another name: not to be granted under both.
    fileprivate var covered: Capacity.Unit {
        var unit = self
        unit.parent = address
        unit.isCovered = true
        unit.failure = "its plugin has the parts of this GPU under other names"
        return unit
    }
}
