import BerthCore
import BerthJSON
import BerthModel
import Testing

/// The host has 8 CPUs and 1,000 bytes of memory on two NUMA nodes, a GPU of model A and 16 GiB, and one of model B and 24.
@Suite("What would make it fit") struct ExplainTests {
    private func fresh(disk: String = "sda") throws -> State {
        var capacity = try TestHost.capacity()
        capacity.disks[0].name = disk
        for (index, size) in [16, 24].enumerated() {
            capacity.gpus[index].capabilities["vram"] = JSONValue(Int64(size) << 30)
        }
        return TestHost.state(capacity)
    }

    private static func explain(
        _ state: State, _ request: ReservationRequest, _ caller: Caller = user, at uptime: Int64 = 0
    ) -> Explanation {
        state.explain(id(99), request, caller, Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime))
    }

    private static func request(_ asks: [Ask], lease: Duration? = .seconds(60), same: Same? = nil) -> ReservationRequest
    {
        ReservationRequest(resources: Resources(asks), lease: lease, same: same)
    }

    private let gpu = Ask(.gpu, amount: ResourceType.gpu.whole)

    @Test("is nothing where it fits: it is told where it would lie")
    func fits() throws {
        let explained = Self.explain(try fresh(), Self.request([gpu]))
        #expect(explained.changes.isEmpty && explained.refusals.isEmpty && explained.nodes == [0])
    }

    @Test("is less of what is short, exactly as much as there is")
    func less() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.memory, amount: Quantity(300))])
        let explained = Self.explain(state, Self.request([Ask(.memory, amount: Quantity(900)), gpu]))
        guard case .less(let parts)? = explained.changes.first?.what else {
            Issue.record("\(explained.changes)")
            return
        }
        #expect(parts.map(\.type) == [.memory] && parts[0].fits == Quantity(700))
        let edits = try #require(explained.changes.first).edits(of: explained.request)
        #expect(edits.map(\.pointer) == ["/resources/memory"] && edits[0].value.description == #"{"amount":700}"#)
    }

    @Test("is less of all that are short together where less of one is not enough")
    func together() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.memory, amount: Quantity(300)), Ask(.cpu, amount: Quantity(2000)), gpu])
        let asks = [
            Ask(.cpu, amount: Quantity(7000), minimum: Quantity(6500)), Ask(.memory, amount: Quantity(900)),
            Ask(.gpu, amount: Quantity(2000)),
        ]
        let explained = Self.explain(state, Self.request(asks))
        #expect(
            explained.changes.map(\.what) == [
                .less([
                    .init(.cpu, .cpus, asked: Quantity(6500), fits: Quantity(6000)),
                    .init(.memory, .bytes, asked: Quantity(900), fits: Quantity(700)),
                    .init(.gpu, .gpus, asked: Quantity(2000), fits: Quantity(1000)),
                ])
            ])
    }

    @Test(
        "is a share of a GPU where no whole one is left, and a rate of a disk as high as it can be",
        arguments: ["sda", "cciss/c0d0"])
    func share(disk: String) throws {
        var state = try fresh(disk: disk)
        for number in 1...2 { state.reserve(UInt64(number), [Ask(.gpu, amount: Quantity(700))]) }
        var request = Self.request([Ask(.gpu, amount: Quantity(2000))])
        request.resources.storage = [StorageAsk(device: disk, rates: StorageRates(write: Quantity(150)))]
        guard case .less(let parts)? = Self.explain(state, request).changes.first?.what else {
            Issue.record("nothing less")
            return
        }
        #expect(
            parts.map(\.fits) == [Quantity(300), Quantity(100)] && parts[1].disk == DiskRate(disk: disk, rate: "write"))
    }

    @Test("is without one condition, and what there is instead")
    func facts() throws {
        let wish = Ask(.gpu, amount: Quantity(1000), constraints: ["vram": ">=40GiB"])
        let what = Self.explain(try fresh(), Self.request([wish])).changes.map(\.what)
        #expect(
            what == [.fact(.gpu, "vram", asked: ">=40GiB", instead: ">=24GiB", there: [JSONValue(Int64(16) << 30)])])
        let model = Ask(.gpu, amount: Quantity(1000), constraints: ["model": "C"])
        #expect(
            Self.explain(try fresh(), Self.request([model])).changes.map(\.what)
                == [.fact(.gpu, "model", asked: "C", instead: nil, there: ["A"])])
    }

    @Test("is another NUMA node, of all that are bound to the first")
    func nodes() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.memory, amount: Quantity(400), constraints: ["numa": 1])])
        let memory = Ask(.memory, amount: Quantity(200), constraints: ["numa": 1])
        #expect(
            Self.explain(state, Self.request([memory])).changes.first?.what
                == .node([.memory], asked: 1, node: 0))
        state.reserve(2, [Ask(.gpu, amount: Quantity(1000), constraints: ["numa": 1])])
        let both = [memory, Ask(.gpu, amount: Quantity(1000), constraints: ["numa": 1])]
        #expect(
            Self.explain(state, Self.request(both)).changes.map(\.what).contains(
                .node([.memory, .gpu], asked: 1, node: 0)))
    }

    @Test("is shared CPU time, several nodes, and another place than others have")
    func apart() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.cpu, amount: Quantity(2000), exclusive: true)], labels: ["app": "db"])
        state.reserve(2, [Ask(.cpu, amount: Quantity(1500))])
        let cores = Ask(.cpu, amount: Quantity(4500), exclusive: true)
        #expect(Self.explain(state, Self.request([cores])).changes.map(\.what).contains(.shared))
        #expect(
            Self.explain(try fresh(), Self.request([Ask(.gpu, amount: Quantity(2000))], same: .numa)).changes.map(
                \.what
            )
            .contains(.same))
        var near = Self.request([Ask(.gpu, amount: Quantity(2000))])
        near.affinity = [Affinity(.labels(["app": "db"]))]
        #expect(Self.explain(state, near).changes.map(\.what).contains(.near(near.affinity[0], isApart: false)))
        near = Self.request([Ask(.gpu, amount: Quantity(2000))])
        near.antiAffinity = [Affinity(.reservation(id(1)))]
        #expect(Self.explain(state, near).changes.map(\.what).contains(.near(near.antiAffinity[0], isApart: true)))
    }

    @Test("is a lease that is over before somebody who waits begins, and the moment at which a lease ends")
    func time() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.cpu, amount: Quantity(6000))], lease: .seconds(100))
        state.queue(2, [Ask(.cpu, amount: Quantity(8000))], lease: .seconds(50))
        let small = Self.request([Ask(.cpu, amount: Quantity(1000))], lease: .seconds(600))
        let explained = Self.explain(state, small, at: 10_000)
        #expect(explained.answer == .refused(.wouldDelay(1)))
        #expect(explained.changes.map(\.what) == [.later(150_000, after: []), .lease(.seconds(90))])
        let large = Self.explain(state, Self.request([Ask(.cpu, amount: Quantity(3000))]), at: 10_000)
        #expect(large.changes.first?.what == .later(150_000, after: []))
        state.run(.release(id(2), admin))
        let own = Self.explain(state, Self.request([Ask(.cpu, amount: Quantity(3000))]), at: 10_000)
        #expect(own.changes.first?.what == .later(100_000, after: [id(1)]))
        #expect(own.changes.first?.request.wait == .seconds(120))
        let others = Self.explain(state, Self.request([Ask(.cpu, amount: Quantity(3000))]), other, at: 10_000)
        #expect(others.changes.first?.what == .later(100_000, after: []))
    }

    @Test("is that others of lower priority go: own ones by their ids, others' by their number, where it comes of it")
    func displacing() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.cpu, amount: Quantity(5000))])
        state.reserve(2, [Ask(.cpu, amount: Quantity(3000))], user: 2)
        var asked = Self.request([Ask(.cpu, amount: Quantity(6000))])
        func displaced(_ caller: Caller) -> [Change] {
            Self.explain(state, asked, caller, at: 1000).changes.filter {
                if case .preempt = $0.what { true } else { false }
            }
        }
        #expect(displaced(user) == [])
        asked.priority = 1
        let changes = displaced(user)
        #expect(changes.map(\.what) == [.preempt([id(1)], others: 1, by: 11_000)])
        let edits = try #require(changes.first).edits(of: asked)
        #expect(edits.map(\.pointer) == ["/strategy"] && edits[0].value == "priority")
        #expect(displaced(admin).map(\.what) == [.preempt([id(2), id(1)], others: 0, by: 11_000)])
        asked.strategy = .priority
        #expect(displaced(user).first?.edits(of: asked).isEmpty == true)
        // Nobody goes for what never fits.
        asked.resources.asks[0].amount = Quantity(9000)
        #expect(displaced(admin) == [])
    }

    @Test("is not told to one of a gang: it waits for the others, and what its own part lacks stands beside that")
    func gangs() throws {
        var state = try fresh()
        let gang = Gang(id: "a", size: 3)
        func asked(_ millicores: Int64) -> ReservationRequest {
            var asked = Self.request([Ask(.cpu, amount: Quantity(millicores))])
            (asked.gang, asked.wait) = (gang, .seconds(60))
            return asked
        }
        let first = Self.explain(state, asked(2000))
        #expect(first.answer == .done(id(99)) && first.decision.granted == nil && first.changes.isEmpty)
        #expect(first.refusals == [.gang(.waiting(gang, others: 2))])
        state.reserve(1, [Ask(.cpu, amount: Quantity(3000))])
        let short = Self.explain(state, asked(6000)).refusals
        #expect(short.first == .gang(.waiting(gang, others: 2)) && short.dropFirst().map(\.shortTypes) == [[.cpu]])
        for number in [2, 3] as [UInt64] { state.join(number, "a", of: 3, [Ask(.cpu, amount: Quantity(1000))]) }
        let last = Self.explain(state, asked(3000))
        #expect(last.decision.granted?.grant[.cpu]?.amount == Quantity(3000) && last.refusals.isEmpty)
        guard case .insufficient(let shortfalls, true)? = Self.explain(state, asked(4000)).refusals.first else {
            Issue.record("it fits beside the others")
            return
        }
        #expect(shortfalls.map(\.free) == [Quantity(3000)] && shortfalls.allSatisfy(\.isBesideGang))
        // What would make all of it fit is told to the one that makes it whole.
        let less = Self.explain(state, asked(4000)).changes
        #expect(
            less.map(\.what) == [.less([.init(.cpu, .cpus, asked: Quantity(4000), fits: Quantity(3000))])])
        var model = asked(1000)
        model.resources.asks.append(Ask(.gpu, amount: ResourceType.gpu.whole, constraints: ["model": "C"]))
        let found = Self.explain(state, model).changes.map(\.what)
        #expect(found.contains { if case .fact(.gpu, "model", _, _, _) = $0 { true } else { false } })
    }

    @Test("is what the caller's caps leave, and everything that stands in the way is told")
    func caps() throws {
        let caps = Caps(lease: .seconds(100), quantities: [.cpu: Quantity(1000)], priority: 5)
        let caller = Caller(user: 1, isAdmin: false, caps: caps)
        var state = try fresh()
        state.reserve(1, [Ask(.cpu, amount: Quantity(2000))], user: 2)
        var request = Self.request([Ask(.cpu, amount: Quantity(7000))], lease: .seconds(100))
        let explained = Self.explain(state, request, caller)
        #expect(
            explained.refusals.dropFirst() == [
                .overCap(.quantity(.cpu, cap: Quantity(1000), held: .zero, asked: Quantity(7000)))
            ])
        #expect(explained.refusals.first?.shortTypes == [.cpu])
        guard case .less(let parts)? = explained.changes.first?.what else {
            Issue.record("\(explained.changes)")
            return
        }
        #expect(parts.map(\.fits) == [Quantity(1000)])
        request = Self.request([gpu], lease: .seconds(200))
        #expect(Self.explain(try fresh(), request, caller).changes.map(\.what) == [.lease(.seconds(100))])
        request = Self.request([gpu], lease: .seconds(20))
        request.priority = 9
        #expect(Self.explain(try fresh(), request, caller).changes.map(\.what) == [.priority(5)])
        request.lease = .seconds(200)
        let both = Self.explain(try fresh(), request, caller)
        #expect(both.refusals == [.overCap(.lease(.seconds(100))), .overCap(.priority(5))] && both.changes.isEmpty)
    }

    @Test("every cap and every quota in the way is told, beside what the host does not have")
    func every() throws {
        var state = try fresh()
        func quota(_ type: ResourceType, _ most: Int64) -> Quota {
            Quota(.each(.user), isHard: true, .amount(type, Quantity(most)))
        }
        state.say(Policy(quotas: Quotas([quota(.memory, 100), quota(.gpu, 1000)])))
        let caller = Caller(user: 1, isAdmin: false, caps: Caps(quantities: [.cpu: Quantity(4000)]))
        let asks = [
            Ask(.cpu, amount: Quantity(6000)), Ask(.memory, amount: Quantity(400)), Ask(.gpu, amount: Quantity(9000)),
        ]
        let refusals = Self.explain(state, Self.request(asks), caller).refusals
        #expect(refusals.first?.shortTypes == [.gpu])
        let quotas = refusals.compactMap { if case .overQuota(let excess) = $0 { excess.quota } else { nil } }
        #expect(quotas == [quota(.memory, 100), quota(.gpu, 1000)])
        #expect(refusals.contains(.overCap(.quantity(.cpu, cap: Quantity(4000), held: .zero, asked: Quantity(6000)))))
        let fits = Self.explain(state, Self.request([asks[1], Ask(.gpu, amount: Quantity(2000))]), caller).refusals
        #expect(fits.count == 2)
    }

    @Test("is nothing where plugins object, and what they say stands beside the rest")
    func objections() throws {
        let objection = Violation(code: "c", pointer: "/labels", message: "no", validator: "v")
        let now = Now(wall: Timestamp(milliseconds: 0), uptime: 0)
        let state = try fresh()
        let fitting = state.explain(id(9), Self.request([gpu]), user, objections: [objection], now)
        #expect(fitting.answer == .refused(.rejected([objection])) && fitting.refusals == [.rejected([objection])])
        let short = state.explain(
            id(9), Self.request([Ask(.gpu, amount: Quantity(3000))]), user, objections: [objection], now)
        #expect(short.answer.refusal?.shortTypes == [.gpu] && short.refusals.last == .rejected([objection]))
        #expect(!short.changes.isEmpty)
    }
}
