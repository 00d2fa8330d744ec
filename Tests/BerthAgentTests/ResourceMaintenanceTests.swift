import BerthAgent
import BerthCore
import BerthModel
import Testing

@Suite("What is under maintenance") struct ResourceMaintenanceTests {
    private static let now = Now(wall: Timestamp(milliseconds: 1_700_000_000_000), uptime: 1000)

    private static func window(_ id: String, in seconds: Int64 = -1, _ covers: Withheld) -> MaintenanceWindow {
        let start = now.wall + .seconds(seconds)
        return MaintenanceWindow(id: id, start: start, end: start + .seconds(3600), covers: covers)
    }

    private static func units(_ type: ResourceType, _ names: String...) -> Withheld {
        var covers = Withheld()
        covers.units = [type: Set(names)]
        return covers
    }

    private static func report(
        _ type: ResourceType, _ windows: [MaintenanceWindow], held: String? = nil
    ) throws -> ResourceReport {
        var capacity = try Bench.capacity()
        capacity.gpus = ["a", "b", "c", "d"].map { Capacity.Unit(name: $0, capacity: Quantity(1000)) }
        capacity.gpus.append(Capacity.Unit(name: "a/1", capacity: Quantity(1000), parent: "a"))
        capacity.interfaces = ["eth0", "eth1"].map { Capacity.Unit(name: $0, capacity: Quantity(100)) }
        capacity.pids = Quantity(50)
        var state = State()
        state.apply(.capacityChanged(capacity), at: now.wall)
        state.windows = windows
        if let held {
            let unit = Hold.UnitShare(name: held, quantity: Quantity(500))
            let grant = Grant([Hold(.gpu, amount: Quantity(500), limit: nil, units: [unit])])
            let reservation = Reservation(
                id: ReservationID(bits: 1), user: 1, request: Bench.request(), grant: grant, retry: nil,
                createdAt: now.wall, expiresAt: nil, deadline: nil)
            state.apply(.granted(reservation), at: now.wall)
        }
        let reports = ResourceReport.all(state, at: now)
        return try #require(reports.first { $0.type == type })
    }

    @Test("is not free, each unit once, and neither are parts of it")
    func units() throws {
        let report = try Self.report(
            .gpu, [Self.window("x", Self.units(.gpu, "a", "b")), Self.window("y", Self.units(.gpu, "b", "gone"))])
        #expect(report.free == Quantity(2000) && report.held == .zero)
        #expect(report.units.filter { $0.state == .maintenance }.map(\.name) == ["a", "b", "a/1"])
        #expect(report.maintenance?.window == "x" && report.maintenance?.isOn == true)
    }

    @Test("and held is counted once")
    func held() throws {
        let report = try Self.report(.gpu, [Self.window("x", Self.units(.gpu, "b", "c"))], held: "b")
        #expect(report.held == Quantity(500) && report.free == Quantity(2000))
        #expect(report.units.first { $0.name == "b" }?.state == .reserved)
    }

    @Test("is free until it begins")
    func later() throws {
        let report = try Self.report(.gpu, [Self.window("x", in: 60, .everything)])
        #expect(report.free == Quantity(4000) && report.maintenance?.isOn == false)
    }

    @Test(
        "is all that there is, where a whole type or everything is",
        arguments: [ResourceType.cpu, .pids, .network, .gpu])
    func all(type: ResourceType) throws {
        #expect(try Self.report(type, [Self.window("x", .everything)]).free == .zero)
        #expect(try Self.report(type, [Self.window("x", Self.units(.storage, "sda"))]).maintenance == nil)
    }

    @Test("of an interface is its bandwidth")
    func network() throws {
        let report = try Self.report(.network, [Self.window("x", Self.units(.network, "eth1"))])
        #expect(report.free == Quantity(100) && report.capacity == Quantity(200))
    }
}
