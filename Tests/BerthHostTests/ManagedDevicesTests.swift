import BerthJSON
import BerthModel
import Testing

@testable import BerthHost

@Suite("Devices of units") struct ManagedDevicesTests {
    private static func node(_ text: String) throws -> DeviceNode { try DeviceNode(parsing: text) }

    private static func capacity(_ provided: [ResourceType: [Capacity.Unit]]) throws -> Capacity {
        let place = CPUTopology.Place(cpu: 0, core: 0, l3: 0, die: 0, package: 0, node: 0)
        return Capacity(
            topology: try CPUTopology([place]), cpu: Quantity(1000), memory: Quantity(1), provided: provided)
    }

    private static func hold(_ type: ResourceType, _ units: String...) -> Hold {
        Hold(
            type, amount: Quantity(Int64(units.count) * type.whole.units), limit: nil,
            units: units.map { .init(name: $0, quantity: type.whole) })
    }

    @Test("are denied to all but their holder, who may also open what the plugin gives")
    func plan() throws {
        let (first, second, shared) = (try Self.node("c 195:0"), try Self.node("c 195:1"), try Self.node("c 195:255"))
        let capacity = try Self.capacity([
            .gpu: [
                Capacity.Unit(name: "a", capacity: nil, devices: [first]),
                Capacity.Unit(name: "b", capacity: nil, devices: [second]),
                // A part is used through the file of its whole.
                Capacity.Unit(name: "b/1", capacity: nil, parent: "b", devices: [second]),
            ]
        ])
        let managed = ManagedDevices(capacity)
        #expect(managed.all == [first, second])
        let none = managed.plan(Grant([]), [:])
        #expect(none.denied == [first, second] && none.allowed.isEmpty)
        let held = managed.plan(
            Grant([Self.hold(.gpu, "a")]), [.gpu: Provision(devices: [shared, second], units: ["a"])])
        #expect(held.denied == [second] && held.allowed == [.gpu: [first, shared]])
        let part = managed.plan(Grant([Self.hold(.gpu, "b/1")]), [:])
        #expect(part.denied == [first] && part.allowed == [.gpu: [second]])
        #expect(held.doubts.isEmpty && part.doubts[.gpu] == "parts of one unit are used through the same device")
        // What was given for other units is not for these.
        let other = managed.plan(Grant([Self.hold(.gpu, "b")]), [.gpu: Provision(devices: [shared], units: ["a"])])
        #expect(other.allowed == [.gpu: [second]])
    }

    @Test("are open to all who hold a share of their unit, and nobody's alone")
    func shares() throws {
        let device = try Self.node("c 195:0")
        let managed = ManagedDevices(
            try Self.capacity([.gpu: [Capacity.Unit(name: "a", capacity: nil, devices: [device])]]))
        var hold = Self.hold(.gpu, "a")
        hold.units[0].quantity = Quantity(500)
        let plan = managed.plan(Grant([hold]), [:])
        #expect(plan.denied.isEmpty && plan.allowed == [.gpu: [device]])
        #expect(plan.doubts[.gpu]?.contains("share of the GPU") == true)
        #expect(managed.plan(Grant([]), [:]).denied == [device])
    }

    @Test("are those of their whole where only the kernel names a part")
    func covered() throws {
        let device = try Self.node("c 195:0")
        var capacity = try Self.capacity([
            .gpu: [Capacity.Unit(name: "0000:17:00.0", capacity: Quantity(1000), devices: [device])]
        ])
        capacity.gpus = [
            Capacity.Unit(name: "0000:17:00.0/0", capacity: Quantity(1000), capabilities: ["pci": "0000:17:00.0"])
        ]
        let plan = ManagedDevices(capacity).plan(Grant([Self.hold(.gpu, "0000:17:00.0/0")]), [:])
        #expect(plan.denied.isEmpty && plan.allowed == [.gpu: [device]])
    }

    @Test("are kept from others only as far as one filter can")
    func crowd() throws {
        let (type, few) = (try #require(ResourceType("a.b/many")), try #require(ResourceType("a.b/few")))
        let units = try (0..<200).map { unit in
            Capacity.Unit(
                name: "\(unit)", capacity: Quantity(1),
                devices: try (0..<16).map { try Self.node("c \(unit):\($0)") })
        }
        let one = Capacity.Unit(name: "u", capacity: Quantity(1), devices: [try Self.node("c 1000:1")])
        let managed = ManagedDevices(try Self.capacity([type: units, few: [one]]))
        #expect(managed.all == one.devices)
        #expect(managed.plan(Grant([Self.hold(type, "7")]), [:]).doubts[type] != nil)
    }

    @Test("are told by kind and number, and nothing else is a device")
    func text() throws {
        #expect(try Self.node("b 8:16").description == "b 8:16")
        #expect(try Self.node("b 8:16").isBlock && !Self.node("c 1:5").isBlock)
        for text in ["", "c", "c 1", "x 1:5", "c  1:5:2", "c -1:5", "c 4096:0", "c 1:1048576"] {
            #expect(throws: ParseError.self) { try DeviceNode(parsing: text) }
        }
    }

    @Test("are none where no plugin has any")
    func nothing() throws {
        let type = try #require(ResourceType("a.b/c"))
        let managed = ManagedDevices(try Self.capacity([type: [Capacity.Unit(name: "u", capacity: Quantity(1))]]))
        #expect(managed.all.isEmpty && managed.plan(Grant([Self.hold(type, "u")]), [:]).allowed.isEmpty)
    }
}
