import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Maintenance") struct MaintenanceTests {
    private let wall: Int64 = 1_000_000

    private func time(_ uptime: Int64) -> Timestamp { Timestamp(milliseconds: wall + uptime) }

    private func now(_ uptime: Int64) -> Now { Now(wall: time(uptime), uptime: uptime) }

    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    private func window(_ start: Int64, _ end: Int64, _ covers: Withheld = .everything) -> MaintenanceWindow {
        MaintenanceWindow(id: "w", start: time(start), end: time(end), covers: covers)
    }

    private func refusal(_ window: MaintenanceWindow) -> Refusal {
        .maintenance(window, from: window.start, until: window.end)
    }

    @Test("nothing is granted within it, nor before it what would still be held when it begins")
    func everything() throws {
        var state = TestHost.state(try TestHost.capacity())
        let window = window(10_000, 20_000)
        state.windows = [window]
        #expect(state.reserve(1, cpu(1000)) == refusal(window))
        #expect(state.reserve(1, cpu(1000), lease: .seconds(11)) == refusal(window))
        #expect(state.reserve(1, cpu(1000), lease: .seconds(10)) == nil)
        #expect(state.run(.renew(id(1), .seconds(11), user)).answer == .refused(refusal(window)))
        for asks in [
            cpu(1000), [Ask(.cpu, amount: Quantity(2000), exclusive: true)], [Ask(.memory, amount: Quantity(1))],
            [Ask(.pids, amount: Quantity(1))], [Ask(.gpu, amount: Quantity(1000))], [Ask(.gpu, amount: Quantity(100))],
            [Ask(.network, amount: Quantity(1))],
        ] {
            #expect(state.reserve(2, asks, lease: .seconds(1), at: 15_000) == refusal(window))
        }
        let disk = [StorageAsk(device: "sdb", rates: StorageRates(read: Quantity(1)))]
        #expect(state.reserve(2, [], storage: disk, lease: .seconds(1), at: 15_000) == refusal(window))
        #expect(state.reserve(2, cpu(1000), at: 20_000) == nil)
    }

    @Test("who waits is given a moment after it, and is granted then and not before")
    func waiters() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.windows = [window(10_000, 20_000)]
        state.queue(1, cpu(1000))
        #expect(state.standings(now(0))[id(1)]?.expected == 20_000)
        state.queue(2, cpu(1000), lease: .seconds(5))
        #expect(state.reservations[id(2)] != nil)
        for uptime in [0, 9000, 10_000, 19_999] as [Int64] { state.run(.admit(depth: 64), at: uptime) }
        #expect(state.waiters[id(1)] != nil)
        state.run(.admit(depth: 64), at: 20_000)
        #expect(state.reservations[id(1)] != nil)
    }

    @Test("its end is a moment that somebody waits for")
    func end() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.windows = [window(10_000, 20_000), window(30_000, 40_000)]
        #expect(state.nextMoment(now(0)) == nil)
        state.queue(1, cpu(1000), wait: .seconds(100))
        #expect(state.nextMoment(now(0)) == 20_000 && state.nextMoment(now(19_999)) == 20_000)
        #expect(state.nextMoment(now(20_000)) == 40_000 && state.nextMoment(now(40_000)) == 100_000)
    }

    @Test("one of a unit or a type is in the way of that alone")
    func parts() throws {
        var state = TestHost.state(try TestHost.capacity())
        var covers = Withheld()
        covers.units = [.gpu: ["gpu0"]]
        covers.types = [.memory]
        state.windows = [window(10_000, 20_000, covers)]
        #expect(state.reserve(1, cpu(1000) + [Ask(.gpu, amount: Quantity(1000))]) == nil)
        #expect(state.reservations[id(1)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
        #expect(state.reserve(2, [Ask(.gpu, amount: Quantity(1000))]) == refusal(state.windows[0]))
        #expect(state.reserve(2, [Ask(.gpu, amount: Quantity(1000))], lease: .seconds(9)) == nil)
        #expect(state.reserve(3, [Ask(.memory, amount: Quantity(1))]) == refusal(state.windows[0]))
        // What holds none of it goes on as it was, and grows.
        let change = try #require(try? ResourceChange.reader.read(["cpu": 3]))
        #expect(state.run(.resize(id(1), change, user), at: 15_000).answer == .done(id(1)))
        // What was promised waits until it is over.
        #expect(state.book(4, [Ask(.memory, amount: Quantity(1))], from: 15_000, lease: .seconds(1)) != nil)
        #expect(state.book(4, [Ask(.memory, amount: Quantity(1))], from: 21_000, lease: .seconds(9)) == nil)
        state.windows = [window(20_000, 25_000, covers)]
        state.run(.admit(depth: 64), at: 21_000)
        #expect(state.waiters[id(4)] != nil)
        state.run(.admit(depth: 64), at: 25_000)
        #expect(state.reservations[id(4)]?.deadline == 30_000)
    }

    @Test("one that comes every week comes again")
    func weekly() {
        let week: Int64 = 7 * 86_400_000
        var window = window(10_000, 20_000)
        window.isWeekly = true
        #expect(
            window.times(from: time(0), most: 2) == [
                time(10_000)..<time(20_000), time(10_000 + week)..<time(20_000 + week),
            ])
        #expect(window.times(from: time(19_999), most: 1) == [time(10_000)..<time(20_000)])
        #expect(window.times(from: time(20_000), most: 1) == [time(10_000 + week)..<time(20_000 + week)])
        #expect(window.times(from: time(20_000 + 9 * week), most: 1).first?.lowerBound == time(10_000 + 10 * week))
        window.isWeekly = false
        #expect(window.times(from: time(20_000), most: 1).isEmpty)
    }

    @Test("nothing is promised in one that comes every week, however many weeks ahead")
    func weeksAhead() throws {
        var state = TestHost.state(try TestHost.capacity())
        let week: Int64 = 7 * 86_400_000
        var weekly = window(10_000, 20_000)
        weekly.isWeekly = true
        state.windows = [weekly]
        for weeks in [0, 1, 8, 9, 30, 52] as [Int64] {
            let refusal = state.book(1, cpu(1000), from: 12_000 + weeks * week, lease: .seconds(5))
            guard case .notThen(_, _, let first) = refusal else {
                Issue.record("it is promised \(weeks) weeks ahead")
                continue
            }
            #expect(first == time(20_000 + weeks * week))
        }
        #expect(state.book(1, cpu(1000), from: 20_000 + 30 * week, lease: .seconds(5)) == nil)
    }

    @Test("what has no lease is given no moment beside one that comes every week, and holds up nobody")
    func endless() throws {
        var state = TestHost.state(try TestHost.capacity())
        var weekly = window(10_000, 20_000)
        weekly.isWeekly = true
        state.windows = [weekly]
        #expect(state.queue(1, cpu(8000)) == nil)
        let now = Now(wall: time(0), uptime: 0)
        #expect(state.standing(of: id(1), now)?.position == 1 && state.standing(of: id(1), now)?.expected == nil)
        #expect(state.book(2, cpu(8000), from: 70 * 86_400_000, lease: .seconds(5)) == nil)
        #expect(state.reserve(3, cpu(8000), user: 2, lease: .seconds(5)) == nil)
    }

    @Test("one that is over may be put in again by its name")
    func again() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.run(.addWindow(window(10_000, 20_000))).answer == .nothing)
        let next = window(30_000, 40_000)
        #expect(state.run(.addWindow(next), at: 19_999).answer == .refused(.windowExists("w")))
        let added = state.run(.addWindow(next), at: 20_000)
        #expect(added.answer == .nothing && state.maintenance == [next])
    }

    @Test("what a static pool is guaranteed is not lent while a unit of it is under maintenance")
    func guarantee() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.run(.configurePools([.of("s", .static, guaranteed: [.gpu: 1000])]))
        var covers = Withheld()
        covers.units = [.gpu: ["gpu0"]]
        state.windows = [window(0, 20_000, covers)]
        let gpu = [Ask(.gpu, amount: Quantity(1000))]
        #expect(state.reserve(1, gpu, lease: .seconds(1), at: 5000) != nil)
        var own = ReservationRequest(resources: Resources(gpu), lease: .seconds(1))
        own.pool = PoolName(known: "s")
        #expect(state.run(.reserve(id(2), own, user, nil), at: 5000).answer == .done(id(2)))
    }

    @Test("what is short and under maintenance too is told both, and what is promised")
    func obstacles() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, cpu(8000), lease: .seconds(5))
        state.windows = [window(10_000, 20_000)]
        let request = ReservationRequest(resources: Resources(cpu(1000)), lease: .seconds(15))
        let refusals = state.explain(id(2), request, user, now(0)).refusals
        #expect(refusals.count == 2 && refusals.first?.shortTypes == [.cpu])
        #expect(refusals.last == refusal(state.windows[0]))
        let brief = ReservationRequest(resources: Resources(cpu(1000)), lease: .seconds(10))
        #expect(state.explain(id(2), brief, user, now(0)).refusals.map(\.shortTypes) == [[.cpu]])
        state.windows = []
        #expect(state.book(3, cpu(8000), from: 10_000, lease: .seconds(5)) == nil)
        #expect(state.explain(id(2), request, user, now(0)).refusals.last == .wouldRunInto(id(3), time(10_000)))
    }

    @Test("a gang that waits for it is told so, and so is one that waits for what is promised")
    func gangs() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.windows = [window(1000, 4000)]
        let asks = cpu(4000)
        #expect(state.join(1, "a", of: 2, asks, lease: .seconds(2)) == nil)
        func told() -> Refusal? {
            var last = ReservationRequest(resources: Resources(asks), lease: .seconds(2), wait: .seconds(9))
            last.gang = Gang(id: "a", size: 2)
            return state.explain(id(2), last, user, now(0)).refusals.first
        }
        #expect(told() == refusal(state.windows[0]))
        state.windows = []
        #expect(state.book(3, cpu(1000), from: 1000, lease: .seconds(2)) == nil)
        #expect(told() == .wouldRunInto(id(3), time(1000)))
        #expect(state.join(2, "a", of: 2, asks, lease: .seconds(2)) == nil)
        state.run(.admit(depth: 64))
        #expect(state.standing(of: id(1), now(0))?.refusal == .wouldRunInto(id(3), time(1000)))
        // Of its own nobody waits before it.
        state.run(.release(id(3), user))
        let gpus = [Ask(.gpu, amount: Quantity(2000))]
        #expect(state.reserve(4, gpus) == nil && state.queue(5, gpus + cpu(8000), user: 2, priority: 1) == nil)
        let first = try #require(state.waiters[id(1)])
        #expect(state.refusal(of: first, now(0)) == .wouldDelay(1))
    }

    @Test("it is read and printed, and kept with the state")
    func stored() throws {
        var covers = Withheld()
        covers.units = [.gpu: ["gpu0", "gpu1"]]
        covers.types = [.memory]
        for window in [window(0, 5000), window(1000, 2000, covers)] {
            #expect(try MaintenanceWindow.reader.read(.object(window.json)) == window)
            var state = TestHost.state(try TestHost.capacity())
            let added = state.decide(.addWindow(window), now(0))
            let replayed = try State.replaying(added.changes.map { ($0, time(0)) }, on: try TestHost.capacity())
            #expect(replayed.keptMaintenance == [window])
            state.restore([], nil, maintenance: replayed.keptMaintenance)
            #expect(state.maintenance == [window])
            #expect(state.run(.addWindow(window)).answer == .refused(.windowExists("w")))
            #expect(state.run(.removeWindow("w")).answer == .nothing && state.maintenance.isEmpty)
            #expect(state.run(.removeWindow("w")).answer == .refused(.windowUnknown("w")))
        }
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            ["id": "w", "start": "2026-12-01T00:00:00Z"],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "end": "2026-12-02T00:00:00Z", "duration": 5],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "duration": "7d", "repeat": "weekly"],
            ["id": "w/", "start": "2026-12-01T00:00:00Z", "duration": 5],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "duration": 5, "resources": ["cpu": ["cpu0"]]],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "duration": 5, "resources": ["gpu": [0]]],
            ["id": "w", "start": "2026-12-01T00:00:00Z", "duration": 5, "resources": [:]],
        ] as [JSONValue])
    func nonsense(window: JSONValue) {
        #expect(throws: JSONFieldError.self) { try MaintenanceWindow.reader.read(window) }
    }
}
