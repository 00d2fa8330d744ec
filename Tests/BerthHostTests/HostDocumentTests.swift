import BerthHost
import BerthJSON
import BerthModel
import Testing

@Suite("A host's document") struct HostDocumentTests {
    @Test("tells all that can be reserved of it")
    func roundTrip() throws {
        var gpu = Host.GPU(pci: "0000:01:00.0")
        (gpu.vendor, gpu.model, gpu.vramBytes, gpu.numaNode) = ("10de", "A100", 40 << 30, 1)
        let host = Host(
            cpu: Host.CPU(
                online: [0, 1, 2, 3, 8], allowed: [0, 1, 2, 8],
                logical: [0, 1, 2, 3, 8].map { cpu in
                    Host.CPU.Logical(
                        id: cpu, package: cpu / 4, die: cpu / 4, core: [0, 0, 1, 1, 0, 0, 0, 0, 2][cpu], l3: cpu / 4,
                        node: cpu / 4)
                }),
            memory: Host.Memory(total: 64 << 30, allowedNodes: [0, 2]),
            numa: [
                Host.NUMANode(id: 0, cpus: [0, 1, 2, 3], memory: 32 << 30, distance: [10, 20]),
                Host.NUMANode(id: 2, cpus: [8], memory: 32 << 30, distance: [20, 10]),
            ],
            gpus: [gpu], displays: [],
            storage: Host.Storage(
                disks: [Host.Disk(name: "vda", sizeBytes: 1 << 40, rotational: false)],
                volumes: [Host.Volume(name: "vda1", kind: .partition, on: ["vda"])]),
            filesystems: [],
            network: Host.Network(nics: [
                Host.NIC(
                    name: "eth0", link: "ether", numaNode: 0, bitsPerSecond: 1_000_000_000, state: "up", carrier: true),
                Host.NIC(name: "eth1", state: "down", carrier: false),
            ]),
            limits: Host.Limits(
                cpus: Host.Limits.Bound([0, 1, 2], by: "affinity"), cpuMillicores: Host.Limits.Bound(2500, by: "a"),
                memory: Host.Limits.Bound(40 << 30, by: "b"), processes: Host.Limits.Bound(999, by: "c")),
            pressure: Host.Pressure(), kernel: Host.Kernel(), problems: [])
        let read = try Host(document: try JSONValue(parsing: host.json.description))
        #expect(try Capacity(read, CapacitySettings()) == Capacity(host, CapacitySettings()))
    }

    @Test("of every recorded host does", .enabled(if: HostCorpus.folder != nil), arguments: try HostCorpus.names())
    func recorded(name: String) throws {
        let recorded = try RecordedHost(archive: HostCorpus.archive(name))
        defer { withExtendedLifetime(recorded) {} }
        let host = Host.discover(try recorded.root())
        let bytes = Array(host.json.description.utf8)
        let read = try Host(document: try JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: 64 << 20)))
        #expect(try Capacity(read, CapacitySettings()) == Capacity(host, CapacitySettings()))
    }

    @Test(
        "that is none is refused by the place",
        arguments: [
            ("{}", "schema"), (#"{"schema": "berth.host/9", "cpu": {}}"#, "berth.host/1"),
            (#"{"schema": "berth.host/1"}"#, "cpu"),
            (#"{"schema": "berth.host/1", "cpu": {"online_list": "x"}}"#, "/cpu/online_list"),
            (
                #"{"schema": "berth.host/1", "cpu": {"online_list": "0"}, "memory": {"total_bytes": -1}}"#,
                "/memory/total_bytes"
            ),
            (#"{"schema": "berth.host/1", "cpu": {"online_list": "0"}, "gpus": [{"numa": "a"}]}"#, "/gpus/0/numa"),
        ])
    func refusal(text: String, place: String) throws {
        let document = try JSONValue(parsing: text)
        let error = #expect(throws: JSONFieldError.self) { try Host(document: document) }
        #expect(error.map { "\($0)".contains(place) } == true, "\(error.map { "\($0)" } ?? "")")
    }
}
