import BerthJSON
import BerthModel
import Testing

@testable import BerthHost

@Suite("The network interfaces of a host")
struct NICsTests {
    /// An interface with its place and attributes.
    private static func interface(
        _ name: String, at device: String, _ attributes: [String: String]
    ) -> (files: [String: String], links: [String: String]) {
        (
            files(in: "sys/devices/\(device)/net/\(name)", attributes),
            ["sys/class/net/\(name)": "../../devices/\(device)/net/\(name)"]
        )
    }

    private func discover(
        _ parts: [(files: [String: String], links: [String: String])], _ files: [String: String] = [:],
        links: [String: String] = [:]
    ) throws -> (network: Host.Network, problems: [String]) {
        let tree = try PlantedTree(
            parts.reduce(files) { $0 + $1.files }, links: parts.reduce(links) { $0 + $1.links })
        let reader = try tree.reader()
        return (Host.Network.discover(reader), reader.problems)
    }

    @Test("know the PCIe switch that they hang on")
    func pcieSwitch() throws {
        let port = "pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:04.0/0000:3d:00.0"
        let (network, _) = try discover(
            [Self.interface("eth0", at: port, ["type": "1"])],
            links: ["sys/devices/\(port)/net/eth0/device": "../../../0000:3d:00.0"])
        let nic = try #require(network.nics.first)
        #expect(nic.pcieSwitch == "0000:3b:00.0" && nic.json.description.contains("\"pcie_switch\""))
    }

    @Test("that are hardware have what their files tell")
    func hardware() throws {
        let card = "pci0000:00/0000:00:01.0/0000:02:00.0"
        let (network, problems) = try discover(
            [
                Self.interface(
                    "eth0", at: card,
                    [
                        "type": "1", "speed": "25000", "duplex": "full", "operstate": "up", "carrier": "1",
                        "mtu": "9000", "queues/rx-0/x": "", "queues/rx-1/x": "", "queues/tx-0/x": "",
                        "address": "84:8f:69:fe:cc:40",
                    ])
            ],
            [
                "sys/devices/\(card)/numa_node": "1\n", "sys/devices/\(card)/sriov_totalvfs": "8\n",
                "sys/devices/\(card)/sriov_numvfs": "2\n",
            ],
            links: [
                "sys/devices/\(card)/net/eth0/device": "../../../0000:02:00.0",
                "sys/devices/\(card)/driver": "../../../../bus/pci/drivers/ice",
                "sys/devices/\(card)/subsystem": "../../../../bus/pci",
                "sys/devices/\(card)/net/eth0/master": "../../../../virtual/net/bond0",
            ])
        #expect(
            network.nics == [
                Host.NIC(
                    name: "eth0", link: "ethernet", driver: "ice", bus: "pci", pci: "0000:02:00.0", numaNode: 1,
                    bitsPerSecond: 25_000_000_000, duplex: "full", state: "up", carrier: true, mtuBytes: 9000,
                    receiveQueues: 2, transmitQueues: 1, master: "bond0", virtualFunctions: 2)
            ])
        #expect(problems.isEmpty)
        #expect(!network.nics.contains { $0.json.description.contains("cc:40") })
    }

    @Test("that the kernel makes are apart, each with what made it")
    func virtual() throws {
        let v = "virtual"
        let (network, _) = try discover([
            Self.interface("lo", at: v, ["type": "772"]), Self.interface("br0", at: v, ["bridge/x": ""]),
            Self.interface("bond0", at: v, ["bonding/x": ""]), Self.interface("tun0", at: v, ["tun_flags": "0x1"]),
            Self.interface("vx", at: v, ["uevent": "DEVTYPE=vxlan"]), Self.interface("veth12", at: v, ["type": "1"]),
            Self.interface("eth0", at: "pci0000:00/0000:02:00.0", ["type": "1"]),
            Self.interface("eth0.7", at: v, ["type": "1"]), Self.interface("sit0", at: v, ["type": "776"]),
            Self.interface("mine", at: v, ["type": "1", "lower_eth0": ""]),
            Self.interface("eni0", at: "netdevsim0", ["type": "1"]),
            (["sys/class/net/bonding_masters": "bond0\n"], [:]),
        ])
        #expect(network.nics.map(\.name) == ["eth0"])
        #expect(
            network.virtualNICs.map { "\($0.name) \($0.kind ?? "-")" } == [
                "bond0 bond", "br0 bridge", "eni0 -", "eth0.7 vlan", "lo loopback", "mine -", "sit0 tunnel", "tun0 tun",
                "veth12 veth", "vx vxlan",
            ])
        #expect(network.virtualNICs.first { $0.name == "eth0.7" }?.on == ["eth0"])
        #expect(network.virtualNICs.first { $0.name == "mine" }?.on == ["eth0"])
    }

    @Test("on hardware that stand for something else are not hardware themselves")
    func representors() throws {
        let card = "pci0000:00/0000:02:00.0"
        let (network, _) = try discover([
            Self.interface("eth0", at: card, ["type": "1", "phys_port_name": "p0"]),
            Self.interface("eth1", at: card, ["type": "1", "phys_port_name": "pf0vf1"]),
            Self.interface("ib0", at: card, ["type": "32"]),
            Self.interface("ib0.8001", at: card, ["type": "32", "parent": "ib0"]),
        ])
        #expect(network.nics.map(\.name) == ["eth0", "ib0"])
        #expect(network.virtualNICs.map(\.kind) == ["representor", "ipoib-child"])
    }

    @Test("that are virtual functions name the card, and virtio's has its node one level up")
    func functions() throws {
        let (network, _) = try discover(
            [
                Self.interface("eth0", at: "pci0000:00/0000:05:10.0", [:]),
                Self.interface("eth1", at: "pci0000:00/0000:00:03.0/virtio2", [:]),
            ], ["sys/devices/pci0000:00/0000:00:03.0/numa_node": "1\n"],
            links: [
                "sys/devices/pci0000:00/0000:05:10.0/net/eth0/device": "../../../0000:05:10.0",
                "sys/devices/pci0000:00/0000:05:10.0/physfn": "../0000:05:00.0",
            ])
        #expect(network.nics.map(\.physicalFunction) == ["0000:05:00.0", nil])
        #expect(network.nics.map(\.pci) == ["0000:05:10.0", "0000:00:03.0"])
        #expect(network.nics.map(\.numaNode) == [nil, 1])
        #expect(network.nics.first?.json.description.contains("\"virtual_function\":true") == true)
    }

    @Test(
        "have a speed only when it is one",
        arguments: [
            ("1000", 1_000_000_000), ("-1", nil), ("0", nil), ("65535", nil), ("4294967295", nil), ("", nil),
            ("400000", 400_000_000_000), ("9223372036854775807", nil),
        ] as [(String, Int?)])
    func speeds(text: String, bitsPerSecond: Int?) throws {
        let (network, _) = try discover([Self.interface("eth0", at: "pci0000:00/0000:02:00.0", ["speed": text])])
        #expect(network.nics.map(\.bitsPerSecond) == [bitsPerSecond])
    }

    @Test(
        "of InfiniBand have the rate of their port",
        arguments: [
            ("56 Gb/sec (4X FDR)", "0x0", 1, 56_000_000_000), ("2.5 Gb/sec (1X SDR)", "0x1", 2, 2_500_000_000),
            ("fast", "0x0", 1, nil), ("-1 Gb/sec", "0x0", 1, nil), ("99999999999999999999 Gb/sec", "0x0", 1, nil),
        ] as [(String, String, Int, Int?)])
    func rates(rate: String, device: String, port: Int, bitsPerSecond: Int?) throws {
        let card = "pci0000:00/0000:82:00.0"
        let (network, _) = try discover(
            [Self.interface("ib0", at: card, ["type": "32", "dev_id": device])],
            ["sys/devices/\(card)/infiniband/mlx4_0/ports/\(port)/rate": rate],
            links: ["sys/devices/\(card)/net/ib0/device": "../../../0000:82:00.0"])
        #expect(network.nics.map(\.bitsPerSecond) == [bitsPerSecond])
    }

    @Test("whose links lead nowhere are told apart by the links alone")
    func dangling() throws {
        let (network, problems) = try discover([
            (
                [:],
                [
                    "sys/class/net/eth0": "../../devices/pci0000:00/0000:02:00.0/net/eth0",
                    "sys/class/net/br0": "../../devices/virtual/net/br0",
                ]
            )
        ])
        #expect(network.nics == [Host.NIC(name: "eth0", pci: "0000:02:00.0")])
        #expect(network.virtualNICs == [Host.NIC(name: "br0", kind: "bridge")])
        #expect(problems.isEmpty)
    }

    @Test("of a host without sysfs are told apart by their names")
    func proc() throws {
        let (network, _) = try discover(
            [],
            [
                "proc/net/dev": """
                Inter-|   Receive
                 face |bytes    packets
                    lo:     480       8
                  eth0:14948502   95077
                 eth10: 1 2
                eth0.5: 1 2
                 eth2: 1 2
                docker0: 1 2
                enp3s0f0: 1 2
                ib0: 1 2
                p4p1: 1 2
                wlan0: 1 2
                averyveryverylongname: 1
                : 1
                """
            ])
        #expect(network.nics.map(\.name) == ["enp3s0f0", "eth0", "eth2", "eth10", "ib0", "p4p1", "wlan0"])
        #expect(network.virtualNICs.map(\.name) == ["docker0", "eth0.5", "lo"])
    }
}
