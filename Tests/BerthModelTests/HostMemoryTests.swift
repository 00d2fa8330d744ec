import BerthJSON
import BerthModel
import Testing

@Suite("The host's memory") struct HostMemoryTests {
    @Test("is told in bytes, huge pages by their size in KiB")
    func json() {
        let memory = Host.Memory(
            total: 1 << 40, available: 5, swapTotal: 0, swapFree: 0,
            hugePages: [.init(sizeKiB: 2048, count: 3, free: 1), .init(sizeKiB: 1 << 20, count: 0)],
            allowedNodes: [0, 1])
        let expected = """
            {"total_bytes":1099511627776,"available_bytes":5,"swap_total_bytes":0,"swap_free_bytes":0,\
            "hugepages":{"2048":3,"1048576":0},"hugepages_free":{"2048":1},"allowed_nodes":"0-1"}
            """
        #expect("\(memory.json)" == expected)
        #expect("\(Host.Memory().json)" == "{}")
    }

    @Test("of a NUMA node is told with its CPUs and distances")
    func node() {
        let node = Host.NUMANode(
            id: 4, cpus: [], memory: 1024, memoryFree: 0, hugePages: [.init(sizeKiB: 64, count: 1)],
            distance: [17, 10])
        let expected = """
            {"id":4,"cpulist":"","memory_bytes":1024,"memory_free_bytes":0,"hugepages":{"64":1},"distance":[17,10]}
            """
        #expect("\(node.json)" == expected)
        #expect("\(Host.NUMANode(id: 0).json)" == #"{"id":0}"#)
    }

    @Test("of a device is told with the device")
    func device() {
        let gpu = Host.NUMANode(id: 255, device: .gpu(pci: "0004:04:00.0"))
        #expect("\(gpu.json)" == #"{"id":255,"memory_of":"gpu","gpu_pci":"0004:04:00.0"}"#)
        let dax = Host.NUMANode(id: 2, device: .dax(names: ["dax0.0", "dax1.0"]))
        #expect("\(dax.json)" == #"{"id":2,"memory_of":"dax","dax_devices":["dax0.0","dax1.0"]}"#)
    }
}
