import BerthHost
import Testing

@testable import berthd

@Suite("Settings of units")
struct UnitPropertyTests {
    @Test("the scope is delegated, without a limit of its own on tasks, in the slice, around the holder")
    func workloads() {
        let properties = UnitProperty.workloads(holder: 42, slice: "berth.slice")
        let values = Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0.value) })
        #expect(values["PIDs"] == .processes([42]))
        #expect(values["Slice"] == .text("berth.slice"))
        #expect(values["Delegate"] == .flag(true))
        #expect(values["TasksMax"] == .number(UInt64.max))
        #expect(values["CollectMode"] == .text("inactive-or-failed"))
    }

    @Test(
        "each value has its type of D-Bus",
        arguments: [
            (UnitProperty.Value.text(""), "s"), (.flag(true), "b"), (.number(1), "t"), (.processes([]), "au"),
        ])
    func signatures(value: UnitProperty.Value, signature: String) { #expect(value.signature == signature) }

    @Test("weight and protection are 64 bit numbers under systemd's names")
    func names() {
        #expect(UnitProperty.cpuWeight(1000) == UnitProperty(name: "CPUWeight", value: .number(1000)))
        #expect(
            MemoryProtection(low: 1 << 40, hard: 4096).properties == [
                UnitProperty(name: "MemoryLow", value: .number(1 << 40)),
                UnitProperty(name: "MemoryMin", value: .number(4096)),
            ])
    }
}
