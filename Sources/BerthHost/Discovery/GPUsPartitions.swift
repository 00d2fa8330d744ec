internal import BerthModel

extension GPUs {
    /// The MIG instances of a GPU, in place of the GPU: while it is cut up it cannot be used whole.
    static func instances(of device: NVIDIADevice, _ whole: Host.GPU) -> [Host.GPU] {
        device.instances.map { instance in
            var unit = whole
            unit.parent = whole.pci
            unit.partition = instance.name
            // The driver tells neither its memory nor its own UUID.
            unit.vramBytes = nil
            unit.uuid = nil
            unit.nodes += instance.capabilityMinors.map { "/dev/nvidia-caps/nvidia-cap\($0)" }
            return unit
        }
    }

    /// A card as KFD shows it: one unit, or one for each partition.
    static func nodes(of card: GPUCard, _ whole: Host.GPU, _ partitions: [Int: DRMDevice]) -> [Host.GPU] {
        let nodes = card.kfd.sorted { ($0.address, $0.partition, $0.number) < ($1.address, $1.partition, $1.number) }
        return nodes.enumerated().map { index, node in
            var unit = whole
            unit.kfdNode = node.number
            // Partitions share the card's number, so that it names none of them.
            unit.uuid = nodes.count > 1 ? nil : unit.uuid ?? node.uniqueID.map { "GPU-\(hex($0))" }
            unit.vramBytes = nodes.count > 1 ? node.vramBytes ?? unit.vramBytes : unit.vramBytes ?? node.vramBytes
            if nodes.count > 1 || node.address != card.address || node.partition > 0 {
                unit.pci = node.address.description
                unit.parent = whole.parent ?? card.address?.description
                unit.partition = String(number(of: node, at: index, of: nodes))
            }
            if let minor = node.renderMinor, minor != whole.renderMinor {
                unit.renderMinor = minor
                unit.card = partitions[minor]?.card
                unit.nodes = partitions[minor]?.nodes ?? ["/dev/dri/renderD\(minor)"]
            }
            unit.nodes.append("/dev/kfd")
            return unit
        }
    }

    /// The driver's own number of a partition where it tells one, else its place among the others.
    private static func number(of node: KFDNode, at index: Int, of nodes: [KFDNode]) -> Int {
        if nodes.contains(where: { $0.partition > 0 }) { return node.partition }
        let functions = Set(nodes.map(\.address.function))
        return functions.count == nodes.count && functions.count > 1 ? node.address.function : index
    }

    /// Sixteen hexadecimal digits, as ROCm writes a card's number.
    private static func hex(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 16 - text.utf8.count)) + text
    }
}
