import BerthKernel
import BerthModel
import Testing

@Suite("io.cost.qos")
struct IOCostTests {
    private static let rest = "ctrl=auto rpct=0.00 rlat=250000 wpct=0.00 wlat=250000 min=1.00 max=10000.00"
    private let disk = Host.DeviceNumber(major: 8, minor: 0)

    @Test("a line says whether it is on, whatever else it says", arguments: [(1, true), (0, false)])
    func line(number: Int, isOn: Bool) throws {
        let cost = IOCost(device: disk, isOn: isOn)
        #expect(try IOCost(parsing: "8:0 enable=\(number) \(IOCostTests.rest)\n") == cost)
        #expect(cost.description == "8:0 enable=\(number)")
        #expect(try IOCost(parsing: cost.description) == cost)
    }

    @Test("the file names the disks for which it is on")
    func file() throws {
        #expect(try IOCost.devices(parsing: "\n").isEmpty)
        let text = "8:0 enable=1 \(IOCostTests.rest)\n259:0 enable=0 \(IOCostTests.rest)\n"
        #expect(try IOCost.devices(parsing: text) == [disk])
    }

    @Test(
        "anything else is refused",
        arguments: ["x", "8:0", "8:0 enable=2", "8:0 enable=1 enable=0", "8 enable=1", "enable=1", "8:0 on=1"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try IOCost.devices(parsing: text) } }
}
