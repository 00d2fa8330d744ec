import Testing

@testable import BerthHost

@Suite("A GPU of NVIDIA's driver")
struct NVIDIADeviceTests {
    static let information = """
        Model: \t\t NVIDIA A100-SXM4-40GB
        IRQ:   \t\t 142
        GPU UUID: \t GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77
        Video BIOS: \t 92.00.45.00.03
        Bus Location: \t 0000:06:00.0
        Device Minor: \t 3
        GPU Excluded:\t No

        """

    @Test("has its model, its number and what CUDA calls it")
    func information() throws {
        let tree = try PlantedTree(["proc/driver/nvidia/gpus/0000:06:00.0/information": Self.information])
        let devices = NVIDIADevice.all(try tree.reader())
        #expect(devices.map(\.address.description) == ["0000:06:00.0"])
        #expect(devices.map(\.model) == ["NVIDIA A100-SXM4-40GB"])
        #expect(devices.map(\.minor) == [3])
        #expect(devices.map(\.uuid) == ["GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77"])
        #expect(devices.map(\.isExcluded) == [false])
    }

    @Test("of an old driver has its place inside only, and an unwoken one has no UUID")
    func old() throws {
        let text = "Model: Unknown\nGPU UUID: GPU-????????-????\nBus Location: 0000:01.00.0\nBlacklisted: Yes\n"
        let devices = NVIDIADevice.all(try PlantedTree(["proc/driver/nvidia/gpus/0/information": text]).reader())
        #expect(devices.map(\.address.description) == ["0000:01:00.0"])
        #expect(devices.map(\.model) == [nil])
        #expect(devices.map(\.uuid) == [nil])
        #expect(devices.map(\.isExcluded) == [true])
    }

    @Test("without a place is noted")
    func rubbish() throws {
        let reader = try PlantedTree(["proc/driver/nvidia/gpus/0/information": "\u{0}\u{FFFD}:::\n"]).reader()
        #expect(NVIDIADevice.all(reader).isEmpty)
        #expect(reader.problems.count == 1)
    }

    @Test("cut up has its MIG instances, each with the files that open it")
    func instances() throws {
        let mig = "proc/driver/nvidia/capabilities/gpu3/mig"
        let tree = try PlantedTree([
            "proc/driver/nvidia/gpus/0000:06:00.0/information": Self.information,
            "\(mig)/config": "DeviceFileMinor: 1\n",
            "\(mig)/gi1/access": "DeviceFileMinor: 12\nDeviceFileMode: 292\n",
            "\(mig)/gi1/ci0/access": "DeviceFileMinor: 13\n",
            "\(mig)/gi2/access": "DeviceFileMinor: 21\n",
        ])
        let instances = NVIDIADevice.all(try tree.reader()).flatMap(\.instances)
        #expect(instances.map(\.name) == ["gi1/ci0"])
        #expect(instances.map(\.capabilityMinors) == [[12, 13]])
    }
}
