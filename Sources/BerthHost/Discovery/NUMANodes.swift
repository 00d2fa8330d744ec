internal import BerthModel

extension Host.NUMANode {
    private static let folder = "sys/devices/system/node"
    /// A distance of 255 is a node that cannot be reached (ACPI, SLIT); no kernel writes a higher one.
    private static let farthest = 255

    /// Reads every `/sys/devices/system/node/nodeN`, in the order of the numbers; empty where the kernel shows none.
    /// - Parameters:
    ///   - online: the online CPUs, for a recorded node may name others too
    ///   - hugePageSize: the size in bytes of the huge pages that `meminfo` counts
    static func discover(_ reader: HostReader, online: CPUSet?, hugePageSize: Int?) -> [Host.NUMANode] {
        let numbers = Array(reader.numbered("node", in: folder))
        guard !numbers.isEmpty else { return [] }
        let devices = NUMADevices.discover(reader)
        return numbers.map { number in
            let place = "\(folder)/node\(number)"
            let info = reader.contents("\(place)/meminfo").map(MemoryInfo.init)
            let cpus = cpus(reader, in: place)
            return Host.NUMANode(
                id: number, cpus: online.map { online in cpus?.intersection(online) } ?? cpus, memory: info?.total,
                memoryFree: info?.free,
                hugePages: Host.HugePages.discover(
                    reader, in: "\(place)/hugepages", counts: info, defaultSize: hugePageSize),
                distance: distance(reader, in: place, nodes: numbers.count), device: devices[number])
        }
    }

    private static func cpus(_ reader: HostReader, in place: String) -> CPUSet? {
        reader.list("\(place)/cpulist") ?? reader.mask("\(place)/cpumap")
            ?? reader.numbered("cpu", in: place).nonEmpty
    }

    /// `10 21`: a distance for each node.
    private static func distance(_ reader: HostReader, in place: String, nodes: Int) -> [Int]? {
        let path = "\(place)/distance"
        guard let text = reader.text(path), !text.isEmpty else { return nil }
        let fields = text.split(maxSplits: nodes, whereSeparator: \.isWhitespace)
        let distances = fields.compactMap { Int($0) }.filter { (0...farthest).contains($0) }
        guard fields.count == nodes, distances.count == nodes else {
            reader.noteWrong(path, text, expected: "a distance to each of \(nodes) nodes")
            return nil
        }
        return distances
    }
}
