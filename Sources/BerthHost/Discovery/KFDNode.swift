/// A GPU in the topology of amdgpu's compute driver: `/sys/class/kfd/kfd/topology/nodes/N`.
///
/// Each partition of a card is a node of its own. Nodes that are processors are none; in a container the properties
/// of GPUs that its device filter withholds cannot be read, so that they are none either.
struct KFDNode: Equatable {
    /// The node's number.
    let number: Int
    /// PCI vendor in four hexadecimal digits; nil where the kernel does not say.
    var vendor: String?
    /// PCI device in four hexadecimal digits.
    var device: String?
    /// Bus, device and function, the latter with the partition's number in kernels that put it there.
    var address: PCIAddress
    /// The partition's number, in kernels that put it into bits 28 to 31 of `location_id`.
    var partition: Int
    /// The number of the render node; nil where there is none.
    var renderMinor: Int?
    /// The card's own number, the same for all its partitions; nil where the kernel does not say.
    var uniqueID: UInt64?
    /// Memory of the GPU's own, in bytes; nil for none.
    var vramBytes: Int?
    /// Whether the same node is a processor: an APU.
    var isProcessor: Bool
}

extension KFDNode {
    /// Every node that is a GPU, by number.
    static func all(_ reader: HostReader) -> [KFDNode] {
        let folder = "sys/class/kfd/kfd/topology/nodes"
        let numbers = reader.names(folder).compactMap { name in
            name.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(name) : nil
        }
        return numbers.sorted().compactMap { KFDNode(reader, number: $0, in: "\(folder)/\($0)") }
    }

    private init?(_ reader: HostReader, number: Int, in folder: String) {
        let path = "\(folder)/properties"
        guard let text = reader.contents(path) else { return nil }
        let properties = KFDNode.properties(text)
        guard let simds = properties["simd_count"], simds > 0 else { return nil }
        guard let location = properties["location_id"], location <= UInt64(UInt32.max) else {
            reader.noteWrong(path, text, expected: "the properties of a node, with its location_id")
            return nil
        }
        let domain = Int(exactly: min(properties["domain"] ?? 0, UInt64(UInt32.max))) ?? 0
        let place = Int(location)
        self.number = number
        vendor = properties["vendor_id"].flatMap { KFDNode.identity($0) }
        device = properties["device_id"].flatMap { KFDNode.identity($0) }
        address = PCIAddress(
            domain: domain, bus: place >> 8 & 0xFF, device: place >> 3 & 0x1F, function: place & 7)
        partition = place >> 28
        renderMinor = properties["drm_render_minor"].flatMap { $0 > 0 ? Int(exactly: $0) : nil }
        uniqueID = properties["unique_id"].flatMap { $0 > 0 ? $0 : nil }
        isProcessor = (properties["cpu_cores_count"] ?? 0) > 0
        vramBytes =
            KFDNode.banks(reader, in: folder)
            ?? properties["local_mem_size"].flatMap { $0 > 0 ? Int(exactly: $0) : nil }
    }

    /// What the banks of the GPU's own memory hold together: heaps 1 (visible) and 2 (not visible to the processor).
    private static func banks(_ reader: HostReader, in folder: String) -> Int? {
        var sum: Int?
        for bank in reader.names("\(folder)/mem_banks") {
            guard let text = reader.contents("\(folder)/mem_banks/\(bank)/properties") else { continue }
            let properties = properties(text)
            guard let heap = properties["heap_type"], heap == 1 || heap == 2,
                let bytes = properties["size_in_bytes"].flatMap({ Int(exactly: $0) }), bytes > 0
            else { continue }
            let (total, overflow) = (sum ?? 0).addingReportingOverflow(bytes)
            guard !overflow else { return nil }
            sum = total
        }
        return sum
    }

    /// Lines of a name and a number.
    private static func properties(_ text: String) -> [String: UInt64] {
        var properties: [String: UInt64] = [:]
        text.forEachLine { line in
            guard let space = line.firstIndex(of: UInt8(ascii: " ")),
                let value = UInt64(line.extracting(space + 1..<line.count).text)
            else { return }
            properties[line.extracting(0..<space).text] = value
        }
        return properties
    }

    private static func identity(_ number: UInt64) -> String? {
        number > 0 && number <= 0xFFFF ? hex(Int(number), digits: 4) : nil
    }
}
