import BerthModel
import Testing

@testable import BerthHost

@Suite("The health of a GPU")
struct GPUsHealthTests {
    private static let card = [
        "aer_dev_correctable": "RxErr 1\nBadTLP 2\nTOTAL_ERR_COR 3", "aer_dev_fatal": "TLP 0\nTOTAL_ERR_FATAL 4",
        "aer_dev_nonfatal": "TLP 0\nTOTAL_ERR_NONFATAL 5", "current_link_speed": "2.5 GT/s PCIe",
        "max_link_speed": "16.0 GT/s PCIe", "current_link_width": "8", "max_link_width": "16", "power_state": "D0",
        "pcie_replay_count": "6", "ras/features": "feature mask: 0x5", "ras/umc_err_count": "ue: 1\nce: 20",
        "ras/gfx_err_count": "ue: 0\nce: 1",
    ]

    @Test("is what the kernel counts")
    func counts() throws {
        let reader = try PlantedTree(files(in: "card", Self.card)).reader()
        let health = Host.GPUHealth.discover(reader, path: "card", accelerator: nil)
        #expect([health.correctableErrors, health.fatalErrors, health.nonfatalErrors, health.replays] == [3, 4, 5, 6])
        #expect([health.unrepairedErrors, health.repairedErrors] == [1, 21])
        #expect(
            [health.linkSpeed, health.fullLinkSpeed, health.linkWidth, health.fullLinkWidth] == [2500, 16000, 8, 16])
        #expect(reader.problems.isEmpty)
    }

    @Test("of a card that is switched off is not asked for what would switch it on")
    func asleep() throws {
        let trace = ReadTrace()
        let tree = try PlantedTree(files(in: "card", Self.card + ["power_state": "D3cold"]))
        let health = Host.GPUHealth.discover(try tree.reader(trace), path: "card", accelerator: nil)
        #expect(health.powerState == "D3cold")
        #expect(health.linkSpeed == nil)
        let asked = Set(trace.files.keys)
        #expect(
            asked.isDisjoint(with: ["card/current_link_speed", "card/pcie_replay_count", "card/ras/umc_err_count"]))
    }

    @Test("of an accelerator has its resets and what its driver says")
    func accelerator() throws {
        let reader = try PlantedTree(
            files(in: "hl0", ["status": "Operational", "hard_reset_cnt": "2", "soft_reset_cnt": "1"])
        ).reader()
        let health = Host.GPUHealth.discover(reader, path: nil, accelerator: "hl0")
        #expect(health.resets == 3)
        #expect(health.status == "Operational")
    }

    @Test(
        "that makes no sense is unknown, and noted",
        arguments: [
            ["max_link_speed": "fast"], ["max_link_speed": "-5 GT/s"],
            ["max_link_speed": "99999999999999999999.9 GT/s"],
            ["max_link_speed": ". GT/s"], ["aer_dev_fatal": "TOTAL_ERR_FATAL"], ["aer_dev_fatal": "TOTAL_ERR_FATAL -1"],
            ["aer_dev_fatal": "TOTAL_ERR_FATAL 99999999999999999999"], ["pcie_replay_count": "-1"],
        ])
    func rubbish(attributes: [String: String]) throws {
        let reader = try PlantedTree(files(in: "card", attributes)).reader()
        #expect(Host.GPUHealth.discover(reader, path: "card", accelerator: nil) == Host.GPUHealth())
        #expect(reader.problems.count == 1)
    }

    @Test("of a link that is down is unknown without a note", arguments: ["Unknown", "Unknown speed", "unknown"])
    func down(speed: String) throws {
        let reader = try PlantedTree(files(in: "card", ["max_link_speed": speed, "max_link_width": "255"])).reader()
        #expect(Host.GPUHealth.discover(reader, path: "card", accelerator: nil) == Host.GPUHealth())
        #expect(reader.problems.isEmpty)
    }

    @Test("sums that do not fit are unknown")
    func overflow() throws {
        let most = "ue: 9223372036854775807\nce: 1"
        let tree = try PlantedTree(files(in: "card", ["ras/a_err_count": most, "ras/b_err_count": most]))
        let health = Host.GPUHealth.discover(try tree.reader(), path: "card", accelerator: nil)
        #expect(health.unrepairedErrors == nil)
        #expect(health.repairedErrors == 2)
    }
}
