import BerthJSON
import BerthPluginKit
import Testing

@testable import NVIDIAGPU

@Suite("NVIDIA's GPUs") struct NVIDIAGPUTests {
    @Test("are none where there is no library")
    func absent() throws {
        let gpus = NVIDIAGPU()
        try gpus.start(
            Start(types: ["nvidia.com/gpu"], configuration: ["library": "/nonexistent.so"], agent: AgentLine { _ in }))
        #expect(gpus.discover() == [Offer("nvidia.com/gpu", units: [])])
        #expect(throws: Failure.self) {
            try gpus.allocate(Allocation(reservation: "a", type: "nvidia.com/gpu", units: ["0000:17:00.0"], user: 0))
        }
    }

    @Test("have parts with the profile at the end of the name")
    func profile() { #expect(Card.profile("NVIDIA A100-SXM4-40GB MIG 1g.5gb") == "1g.5gb") }

    @Test("give a part the device files of its own instances, and the whole those of all parts")
    func access() {
        let access = MIGAccess(
            minors: """
                config 1
                monitor 2
                gpu0/gi1/access 12
                gpu0/gi1/ci0/access 13
                gpu0/gi2/access 21
                gpu0/gi2/ci0/access 22
                gpu1/gi1/access 147

                """,
            devices: """
                Character devices:
                  1 mem
                195 nvidia
                235 nvidia-caps-imex-channels
                237 nvidia-caps

                Block devices:
                259 blkext

                """)
        let parts = [1, 2].map { instance in
            Card.Part(
                uuid: "MIG-\(instance)", profile: "1g.10gb", memory: 10, instance: instance,
                access: access.devices(gpu: 0, instance: instance, compute: 0))
        }
        let units = Card(address: "a", uuid: "GPU-1", model: "A100", minor: 0, parts: parts).units(Xids())
        let numbers = units.map { unit in unit.devices.map { "\($0.major):\($0.minor)" } }
        #expect(
            numbers == [
                ["195:0", "237:12", "237:13", "237:21", "237:22"], ["195:0", "237:12", "237:13"],
                ["195:0", "237:21", "237:22"],
            ])
        #expect(access.devices(gpu: 1, instance: 1, compute: 0).map(\.minor) == [147])
        #expect(MIGAccess(minors: "gpu0/gi1/access 12", devices: "").devices(gpu: 0, instance: 1, compute: 0).isEmpty)
    }

    @Test("fail with an Xid that no program causes")
    func xids() {
        var xids = Xids()
        #expect(!xids.note(31, of: "a", nil) && xids.trouble(of: "a", nil) == nil)
        #expect(xids.note(79, of: "a", nil) && !xids.note(79, of: "a", nil))
        #expect(xids.trouble(of: "a", nil)?.reason.hasPrefix("Xid 79") == true)
        #expect(xids.note(94, of: "b", 3) && xids.trouble(of: "b", nil) == nil && xids.trouble(of: "b", 3) != nil)
    }
}
