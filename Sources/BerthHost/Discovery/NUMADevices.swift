internal import BerthModel

/// Which NUMA nodes are the memory of a device rather than of the host.
enum NUMADevices {
    /// The devices by node number.
    static func discover(_ reader: HostReader) -> [Int: Host.NUMANode.Device] {
        var devices = dax(reader)
        for (node, pci) in gpus(reader) { devices[node] = .gpu(pci: pci) }
        return devices
    }

    /// NVIDIA GPUs with coherent memory say in `numa_status` which node it is: `Node: 255`.
    private static func gpus(_ reader: HostReader) -> [Int: String] {
        var gpus: [Int: String] = [:]
        let folder = "proc/driver/nvidia/gpus"
        for pci in reader.names(folder) {
            reader.contents("\(folder)/\(pci)/numa_status")?.forEachField { key, value in
                guard key.ends(with: "Node"), let node = value.leadingInteger else { return }
                gpus[node] = pci
            }
        }
        return gpus
    }

    /// Persistent and CXL memory that is used as memory: the driver `kmem` has its dax devices.
    private static func dax(_ reader: HostReader) -> [Int: Host.NUMANode.Device] {
        var names: [Int: [String]] = [:]
        for name in reader.names("sys/bus/dax/drivers/kmem") where name.hasPrefix("dax") {
            guard let node = reader.count("sys/bus/dax/devices/\(name)/target_node") else { continue }
            names[node, default: []].append(name)
        }
        return names.mapValues { .dax(names: $0) }
    }
}
