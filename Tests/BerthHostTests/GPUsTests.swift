import BerthJSON
import BerthModel
import Testing

@testable import BerthHost

@Suite("The GPUs of a host")
struct GPUsTests {
    private func discover(
        _ files: [String: String], links: [String: String] = [:]
    ) throws -> (gpus: [Host.GPU], displays: [Host.Display]) {
        GPUs.discover(try PlantedTree(files, links: links).reader())
    }

    private static func pci(_ address: String, _ classCode: String, _ vendor: String, _ device: String) -> [String:
        String]
    {
        files(
            in: "sys/bus/pci/devices/\(address)",
            ["class": "0x\(classCode)", "vendor": "0x\(vendor)", "device": "0x\(device)"])
    }

    @Test("know the PCIe switch that they hang on, and a document tells it again")
    func pcieSwitch() throws {
        let place = "../../devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:08.0/0000:3e:00.0/drm"
        let (gpus, _) = try discover(
            Self.pci("0000:3e:00.0", "030200", "10de", "20b0"),
            links: ["sys/class/drm/card1": "\(place)/card1", "sys/class/drm/renderD129": "\(place)/renderD129"])
        #expect(gpus.map(\.pcieSwitch) == ["0000:3b:00.0"])
        #expect(gpus.first?.json.description.contains("\"pcie_switch\":\"0000:3b:00.0\"") == true)
    }

    @Test(
        "are nothing that exists in software only, which may have no driver, or one for all such devices",
        arguments: ["platform/vgem", "platform/vkms.0", "faux/vgem", "faux/vkms-1", "virtual/evdi.2"])
    func software(place: String) throws {
        let (gpus, displays) = try discover(
            place.hasPrefix("faux") ? ["sys/devices/\(place)/uevent": "DRIVER=faux_driver\n"] : [:],
            links: [
                "sys/class/drm/card0": "../../devices/\(place)/drm/card0",
                "sys/class/drm/renderD128": "../../devices/\(place)/drm/renderD128",
            ])
        #expect(gpus.isEmpty && displays.map(\.name) == ["software"])
    }

    @Test("are no frame buffer of a hypervisor")
    func frameBuffer() throws {
        let (gpus, displays) = try discover(Self.pci("0000:00:02.0", "030000", "fb5d", "40fb"))
        #expect(gpus.isEmpty && displays.map(\.name) == ["bhyve"])
    }

    @Test("are one card, whatever number of sources tell of it")
    func merging() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:06:00.0", "030200", "10de", "20b0") + [
                "sys/bus/pci/devices/0000:06:00.0/numa_node": "1\n",
                "sys/bus/pci/devices/0000:06:00.0/local_cpulist": "8-15\n",
                "proc/driver/nvidia/gpus/0000:06:00.0/information": NVIDIADeviceTests.information,
            ],
            links: [
                "sys/bus/pci/devices/0000:06:00.0/driver": "../../../../bus/pci/drivers/nvidia",
                "sys/class/drm/card1": "../../devices/pci0000:00/0000:06:00.0/drm/card1",
                "sys/class/drm/renderD129": "../../devices/pci0000:00/0000:06:00.0/drm/renderD129",
            ])
        #expect(gpus.count == 1)
        let gpu = try #require(gpus.first)
        #expect(gpu.pci == "0000:06:00.0")
        #expect(gpu.parent == nil)
        #expect(gpu.model == "NVIDIA A100-SXM4-40GB")
        #expect(gpu.driver == "nvidia")
        #expect(gpu.uuid == "GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77")
        #expect(gpu.renderMinor == 129)
        #expect(gpu.numaNode == 1)
        #expect(gpu.localCPUs == CPUSet(8...15))
        #expect(gpu.integrated == false)
        #expect(
            gpu.nodes == [
                "/dev/dri/card1", "/dev/dri/renderD129", "/dev/nvidia3", "/dev/nvidiactl", "/dev/nvidia-uvm",
            ])
    }

    @Test("are sorted by PCI address, not by the numbers of their files")
    func order() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:c3:00.0", "038000", "1002", "740f") + Self.pci("0000:03:00.0", "038000", "1002", "740f")
                + Self.pci("10000:01:00.0", "030000", "8086", "56c0"))
        #expect(gpus.map(\.pci) == ["0000:03:00.0", "0000:c3:00.0", "10000:01:00.0"])
    }

    @Test(
        "are not the screens of guests and of management controllers",
        arguments: [
            ("1234", "1111"), ("1013", "00b8"), ("1b36", "0100"), ("1af4", "1050"), ("15ad", "0405"), ("1414", "5353"),
            ("80ee", "beef"), ("1a03", "2000"), ("102b", "0532"), ("19e5", "1711"), ("1002", "515e"),
        ])
    func displays(vendor: String, device: String) throws {
        let (gpus, displays) = try discover(Self.pci("0000:00:01.0", "030000", vendor, device))
        #expect(gpus.isEmpty)
        #expect(displays.map(\.vendor) == [vendor])
        #expect(displays.first?.name != nil)
    }

    @Test("are accelerators where they only compute, by class 0x12, and AMD's of that class are GPUs")
    func accelerators() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:19:00.0", "120000", "1da3", "1020") + Self.pci("0000:1a:00.0", "120000", "1002", "74a1")
                + ["sys/bus/pci/devices/0000:19:00.0/status": "Operational\n"],
            links: ["sys/class/accel/accel0": "../../devices/pci0000:00/0000:19:00.0/accel/accel0"])
        #expect(gpus.map(\.kind) == [.accelerator, .gpu])
        #expect(gpus.first?.nodes == ["/dev/accel/accel0"])
    }

    @Test("in partitions are units with a parent, when the kernel counts them in the function digit")
    func functionDigit() throws {
        let node = "sys/class/kfd/kfd/topology/nodes"
        let common = "simd_count 80\nvendor_id 4098\ndevice_id 29858\nunique_id 598046273873802902\n"
        let kfd = Dictionary(
            uniqueKeysWithValues: (0..<4).map {
                ("\(node)/\($0 + 2)/properties", common + "location_id \(2560 + $0)\ndrm_render_minor \(128 + $0)\n")
            })
        // Without PCI the lowest function is the card; with PCI the function that is really there.
        for files in [kfd, kfd + Self.pci("0000:0a:00.0", "120000", "1002", "74a2")] {
            let (gpus, _) = try discover(files)
            #expect(gpus.map(\.pci) == ["0000:0a:00.0", "0000:0a:00.1", "0000:0a:00.2", "0000:0a:00.3"])
            #expect(gpus.map(\.parent) == Array(repeating: "0000:0a:00.0", count: 4))
            #expect(gpus.map(\.partition) == ["0", "1", "2", "3"])
            #expect(gpus.map(\.renderMinor) == [128, 129, 130, 131])
            #expect(gpus.map(\.uuid) == [nil, nil, nil, nil])
        }
    }

    @Test("in partitions have the render nodes that amdgpu makes beside PCI, which are no GPUs themselves")
    func partitionNodes() throws {
        let node = "sys/class/kfd/kfd/topology/nodes"
        let (gpus, displays) = try discover(
            Self.pci("0000:0a:00.0", "120000", "1002", "74a2") + [
                "\(node)/1/properties": "simd_count 8\nlocation_id 2560\ndrm_render_minor 128\n",
                "\(node)/2/properties": "simd_count 8\nlocation_id 268438016\ndrm_render_minor 129\n",
            ],
            links: [
                "sys/class/drm/card0": "../../devices/pci0000:00/0000:0a:00.0/drm/card0",
                "sys/class/drm/renderD128": "../../devices/pci0000:00/0000:0a:00.0/drm/renderD128",
                "sys/class/drm/card1": "../../devices/platform/amdgpu_xcp_1/drm/card1",
                "sys/class/drm/renderD129": "../../devices/platform/amdgpu_xcp_1/drm/renderD129",
            ])
        #expect(displays.isEmpty)
        #expect(gpus.map(\.partition) == ["0", "1"])
        #expect(gpus.map(\.pci) == ["0000:0a:00.0", "0000:0a:00.0"])
        #expect(gpus.map(\.card) == ["card0", "card1"])
        #expect(gpus.last?.nodes == ["/dev/dri/card1", "/dev/dri/renderD129", "/dev/kfd"])
    }

    @Test("in two functions of one slot stay two, when PCI has both or their numbers differ")
    func twoFunctions() throws {
        let node = "sys/class/kfd/kfd/topology/nodes"
        let (gpus, _) = try discover([
            "\(node)/1/properties": "simd_count 8\nlocation_id 784\nunique_id 1\n",
            "\(node)/2/properties": "simd_count 8\nlocation_id 785\nunique_id 2\n",
        ])
        #expect(gpus.map(\.pci) == ["0000:03:02.0", "0000:03:02.1"])
        #expect(gpus.map(\.parent) == [nil, nil])
        #expect(gpus.map(\.uuid) == ["GPU-0000000000000001", "GPU-0000000000000002"])
    }

    @Test("cut into MIG instances are the instances")
    func instances() throws {
        let mig = "proc/driver/nvidia/capabilities/gpu3/mig"
        let (gpus, _) = try discover([
            "proc/driver/nvidia/gpus/0000:06:00.0/information": NVIDIADeviceTests.information,
            "\(mig)/gi1/ci0/access": "DeviceFileMinor: 13\n", "\(mig)/gi2/ci0/access": "DeviceFileMinor: 22\n",
        ])
        #expect(gpus.map(\.partition) == ["gi1/ci0", "gi2/ci0"])
        #expect(gpus.map(\.parent) == ["0000:06:00.0", "0000:06:00.0"])
        #expect(gpus.last?.nodes.last == "/dev/nvidia-caps/nvidia-cap22")
        #expect(gpus.map(\.uuid) == [nil, nil])
    }

    @Test("that are virtual functions count only where a program can open them")
    func virtualFunctions() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:3a:00.0", "030200", "10de", "20b0") + Self.pci("0000:3a:00.4", "030200", "10de", "20b0")
                + Self.pci("0000:3a:00.5", "030200", "10de", "20b0"),
            links: [
                "sys/bus/pci/devices/0000:3a:00.4/physfn": "../0000:3a:00.0",
                "sys/bus/pci/devices/0000:3a:00.5/physfn": "../0000:3a:00.0",
                "sys/class/drm/renderD130": "../../devices/pci0000:3a/0000:3a:00.5/drm/renderD130",
            ])
        #expect(gpus.map(\.pci) == ["0000:3a:00.0", "0000:3a:00.5"])
        #expect(gpus.last?.virtualFunction == true)
        #expect(gpus.last?.parent == "0000:3a:00.0")
    }

    @Test("do not count the second head of a card")
    func secondHead() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:01:00.0", "030000", "1002", "5b60") + Self.pci("0000:01:00.1", "038000", "1002", "5b70"))
        #expect(gpus.map(\.pci) == ["0000:01:00.0"])
    }

    @Test("are integrated as Intel's are on bus 0 and AMD's are beside functions of the processor")
    func integrated() throws {
        let (gpus, _) = try discover(
            Self.pci("0000:00:02.0", "030000", "8086", "46a6") + Self.pci("0000:03:00.0", "030000", "8086", "56a0")
                + Self.pci("0000:04:00.0", "030000", "1002", "1681")
                + Self.pci("0000:04:00.2", "108000", "1022", "15c7")
                + Self.pci("0000:05:00.0", "030000", "1002", "73bf")
                + Self.pci("0000:05:00.1", "040300", "1002", "ab28"))
        #expect(gpus.map(\.integrated) == [true, false, true, false])
    }

    @Test("that are part of a chip have no place on PCI, and without a render node are only screens")
    func platform() throws {
        let (gpus, displays) = try discover(
            [:],
            links: [
                "sys/class/drm/card0": "../../devices/platform/soc/fde60000.gpu/drm/card0",
                "sys/class/drm/renderD128": "../../devices/platform/soc/fde60000.gpu/drm/renderD128",
                "sys/devices/platform/soc/fde60000.gpu/driver": "../../../../bus/platform/drivers/panfrost",
                "sys/class/drm/card1": "../../devices/platform/display-subsystem/drm/card1",
            ])
        #expect(gpus.map(\.renderMinor) == [128])
        #expect(gpus.map(\.integrated) == [true])
        #expect(displays.count == 1)
    }

    @Test(
        "have their memory from where their driver tells it",
        arguments: [
            ("amdgpu", ["device/mem_info_vram_total": "100"], 100), ("i915", ["lmem_total_bytes": "200"], 200),
            (
                "xe",
                ["device/tile0/physical_vram_size_bytes": "300", "device/tile1/physical_vram_size_bytes": "50"], 350
            ), ("amdgpu", ["device/mem_info_vram_total": "-1"], nil), ("nouveau", [:], nil),
        ])
    func memory(driver: String, memory: [String: String], bytes: Int?) throws {
        let uevent = [
            "device/uevent": "DRIVER=\(driver)\nPCI_CLASS=30000\nPCI_ID=1002:73BF\nPCI_SLOT_NAME=0000:03:00.0"
        ]
        let (gpus, _) = try discover(files(in: "sys/class/drm/card0", uevent + memory))
        #expect(gpus.map(\.vramBytes) == [bytes])
        #expect(gpus.map(\.driver) == [driver])
    }
}
