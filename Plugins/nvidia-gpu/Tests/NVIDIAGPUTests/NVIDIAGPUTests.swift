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

    @Test("fail with an Xid that no program causes")
    func xids() {
        var xids = Xids()
        #expect(!xids.note(31, of: "a", nil) && xids.trouble(of: "a", nil) == nil)
        #expect(xids.note(79, of: "a", nil) && !xids.note(79, of: "a", nil))
        #expect(xids.trouble(of: "a", nil)?.reason.hasPrefix("Xid 79") == true)
        #expect(xids.note(94, of: "b", 3) && xids.trouble(of: "b", nil) == nil && xids.trouble(of: "b", 3) != nil)
    }
}
