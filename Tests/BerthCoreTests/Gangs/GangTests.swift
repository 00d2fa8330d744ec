import BerthCore
import BerthModel
import Testing

extension State {
    /// Asks for one of a gang; nil unless it is refused.
    @discardableResult
    mutating func join(
        _ number: UInt64, _ gang: String, of size: Int, _ asks: [Ask], user: UInt32 = 1, lease: Duration? = nil,
        wait: Duration = .seconds(3600), priority: Int = 0, labels: [String: String] = [:],
        near: [Affinity] = [], apart: [Affinity] = [], or alternative: [Ask]? = nil, caps: Caps = Caps(),
        at uptime: Int64 = 0
    ) -> Refusal? {
        var request = ReservationRequest(
            resources: Resources(asks), lease: lease, labels: labels, wait: wait, priority: priority)
        request.gang = Gang(id: gang, size: size)
        request.affinity = near
        request.antiAffinity = apart
        request.alternatives = alternative.map { [Resources($0)] } ?? []
        let caller = Caller(user: user, isAdmin: false, caps: caps)
        return run(.reserve(id(number), request, caller, nil), at: uptime).answer.refusal
    }

    /// Grants what can be granted; the ids that were.
    mutating func admitted(at uptime: Int64 = 0) -> [ReservationID] {
        run(.admit(depth: State.admitDepth), at: uptime).changes.compactMap {
            if case .granted(let reservation) = $0 { reservation.id } else { nil }
        }
    }

    func standing(_ number: UInt64, at uptime: Int64 = 0) -> Standing? {
        standing(of: id(number), Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime))
    }
}

@Suite("A gang") struct GangTests {
    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }
    private func state() throws -> State { TestHost.state(try TestHost.capacity()) }

    @Test("is granted in one decision when the last of it has asked")
    func together() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 3, cpu(1000)) == nil && state.join(2, "a", of: 3, cpu(2000), at: 1) == nil)
        #expect(state.admitted(at: 2) == [] && state.holdings.cpu == .zero)
        #expect(state.standing(2, at: 2)?.members == 2 && state.standing(2, at: 2)?.expected == nil)
        #expect(state.join(3, "a", of: 3, cpu(3000), at: 3) == nil)
        #expect(state.standing(3, at: 3)?.members == nil && state.standing(3, at: 3)?.expected == 3)
        #expect(state.admitted(at: 3) == [id(1), id(2), id(3)] && state.holdings.cpu == Quantity(6000))
        #expect(state.waiters.isEmpty)
    }

    @Test("that is not complete holds up nobody")
    func incomplete() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(8000)) == nil)
        #expect(state.reserve(2, cpu(8000), at: 1) == nil)
        #expect(state.reservations[id(2)]?.hasPassed == false)
    }

    @Test("has one place in the queue, that of its first member")
    func place() throws {
        var state = try state()
        #expect(state.reserve(1, cpu(8000)) == nil)
        #expect(state.join(2, "a", of: 2, cpu(4000), at: 1) == nil)
        #expect(state.queue(3, cpu(8000), at: 2) == nil)
        #expect(state.standing(3, at: 2)?.position == 1 && state.standing(2, at: 2)?.position == 2)
        #expect(state.join(4, "a", of: 2, cpu(4000), at: 3) == nil)
        let positions = [2, 4, 3].map { state.standing($0, at: 3)?.position }
        #expect(positions == [1, 2, 3])
        state.end(1, at: 4)
        #expect(state.reservations[id(2)] != nil && state.reservations[id(4)] != nil && state.waiters[id(3)] != nil)
    }

    @Test("gets the first moment at which all of it fits, and delays nobody before it")
    func moment() throws {
        var state = try state()
        #expect(state.reserve(1, cpu(4000), lease: .seconds(10)) == nil)
        #expect(state.reserve(2, cpu(4000), lease: .seconds(20)) == nil)
        #expect(state.queue(3, cpu(6000), lease: .seconds(10), at: 1) == nil)
        for number in [4, 5] as [UInt64] {
            #expect(state.join(number, "a", of: 2, cpu(2000), lease: .seconds(5), at: 2) == nil)
        }
        // One of the two would fit at ten seconds; both do then, and are over before the third begins.
        #expect(state.standing(3, at: 2)?.expected == 20_000)
        #expect([4, 5].map { state.standing($0, at: 2)?.expected } == [10_000, 10_000])
        #expect(state.queue(6, cpu(4000), lease: .seconds(5), at: 3) == nil)
        #expect(state.standing(6, at: 3)?.expected == 15_000)
    }

    @Test("is refused what all of it could never have together")
    func never() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(5000)) == nil)
        guard case .insufficient(_, false) = state.join(2, "a", of: 2, cpu(4000)) else {
            Issue.record("five and four of eight CPUs are too much")
            return
        }
        #expect(state.join(3, "a", of: 2, cpu(3000)) == nil && state.admitted() == [id(1), id(3)])
    }

    @Test("counts all together against caps and quotas")
    func caps() throws {
        var state = try state()
        let caps = Caps(quantities: [.cpu: Quantity(4000)])
        #expect(state.join(1, "a", of: 2, cpu(3000), caps: caps) == nil)
        guard case .overCap = state.join(2, "a", of: 2, cpu(2000), caps: caps) else {
            Issue.record("five CPUs are over the cap of four")
            return
        }
        state.say(
            Policy(
                quotas: Quotas([Quota(.each(.user), isHard: true, .reservations(3))])))
        #expect(state.reserve(5, cpu(100), user: 2) == nil && state.reserve(6, cpu(100), user: 2) == nil)
        #expect(state.join(7, "b", of: 2, cpu(100), user: 2) == nil)
        #expect(state.join(8, "b", of: 2, cpu(100), user: 2) == nil)
        #expect(state.admitted() == [], "two and two are over the quota of three")
        state.run(.release(id(5), admin))
        state.run(.noteFreed(id(5), nil))
        #expect(state.admitted() == [id(7), id(8)])
    }

    @Test("takes less where all of it would be too much, for the host or for a quota")
    func less() throws {
        for most in [8000, 6000] as [Int64] {
            var state = try state()
            state.say(
                Policy(
                    quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(most)))])))
            for number in 1...2 as ClosedRange<UInt64> {
                var ask = Ask(.cpu, amount: Quantity(5000))
                if number == 1 { ask.minimum = Quantity(500) }
                #expect(state.join(number, "a", of: 2, [ask]) == nil)
            }
            #expect(state.admitted() == [id(1), id(2)])
            #expect(state.reservations[id(1)]?.grant[.cpu]?.amount == Quantity(most - 5000))
            #expect(state.reservations[id(1)]?.state == .partial)
        }
    }

    @Test("agrees in size, priority and workflow")
    func agreement() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(10), labels: ["workflow": "w"]) == nil)
        let mismatches = [
            state.join(2, "a", of: 3, cpu(10), labels: ["workflow": "w"]), state.join(2, "a", of: 2, cpu(10)),
            state.join(2, "a", of: 2, cpu(10), priority: 1, labels: ["workflow": "w"]),
        ]
        for refusal in mismatches {
            guard case .gang(.mismatch) = refusal else {
                Issue.record("\(String(describing: refusal)) is no mismatch")
                continue
            }
        }
        #expect(state.join(3, "a", of: 2, cpu(10), user: 2) == nil, "another user's gang is another")
        #expect(state.waiters.count == 2)
    }

    @Test("is closed until all of it are over")
    func full() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(10)) == nil && state.join(2, "a", of: 2, cpu(10)) == nil)
        let full = Refusal.gang(.full(Gang(id: "a", size: 2)))
        #expect(state.join(3, "a", of: 2, cpu(10)) == full)
        #expect(state.admitted().count == 2)
        state.end(1, at: 1)
        #expect(state.join(3, "a", of: 2, cpu(10), at: 1) == full)
        state.end(2, at: 2)
        #expect(state.join(3, "a", of: 2, cpu(10), at: 2) == nil)
    }

    @Test("waits on for another where one leaves, and says what it waited for where its time is over")
    func leaving() throws {
        var state = try state()
        #expect(state.reserve(9, cpu(8000)) == nil)
        #expect(state.join(1, "a", of: 2, cpu(10), wait: .seconds(5)) == nil)
        #expect(state.join(2, "a", of: 2, cpu(10), wait: .seconds(9)) == nil)
        #expect(state.standing(1)?.members == nil)
        state.run(.tick, at: 5000)
        #expect(state.waiters[id(1)] == nil && state.standing(2, at: 5000)?.members == 1)
        let changes = state.run(.tick, at: 9000).changes
        #expect(changes.contains(.ended(id(2), .failed, .gang)))
        #expect(state.waiters.isEmpty && state.gangIsFree("a"))
    }

    @Test("has one pool: none of it is moved alone")
    func pool() throws {
        var state = try state()
        let ci = PoolName(known: "ci")
        #expect(state.run(.setPool(.of("ci", .dynamic))).answer == .nothing)
        #expect(state.join(1, "a", of: 2, cpu(10)) == nil)
        #expect(state.run(.move(id(1), to: ci, user)).answer == .done(id(1)))
        #expect(state.run(.move(id(1), to: .standard, user)).answer == .done(id(1)))
        #expect(state.join(2, "a", of: 2, cpu(10)) == nil)
        let refusal = Refusal.gang(.mismatch(Gang(id: "a", size: 2), pointer: "/pool", theirs: "default"))
        #expect(state.run(.move(id(2), to: ci, user)).answer.refusal == refusal)
        #expect(state.admitted() == [id(1), id(2)])
        #expect(state.run(.move(id(2), to: ci, user)).answer.refusal == refusal)
    }

    @Test("passes others for its pool's own only where that is enough for all of it")
    func own() throws {
        var capacity = try TestHost.capacity()
        capacity.gpus = (0..<4).map { Capacity.Unit(name: "gpu\($0)", capacity: Quantity(1000), node: 0) }
        var state = TestHost.state(capacity)
        state.run(.setPool(.of("ci", .dynamic, guaranteed: [.gpu: 1000])))
        // Whoever waits in the other pool goes first.
        var standard = Pool(.standard)
        standard.weight = 10_000
        state.run(.setPool(standard))
        var other = ReservationRequest(resources: Resources(cpu(1000)))
        other.pool = PoolName(known: "ci")
        state.run(.reserve(id(9), other, user, nil))
        #expect(state.reserve(1, [Ask(.gpu, amount: Quantity(1000))]) == nil)
        #expect(state.queue(2, [Ask(.gpu, amount: Quantity(3000))], user: 2) == nil && state.waiters.count == 1)
        for number in 3...4 as ClosedRange<UInt64> {
            var request = ReservationRequest(
                resources: Resources([Ask(.gpu, amount: Quantity(1000))]), wait: .seconds(60))
            request.gang = Gang(id: "a", size: 2)
            request.pool = PoolName(known: "ci")
            #expect(state.run(.reserve(id(number), request, user, nil)).answer == .done(id(number)))
        }
        #expect(state.admitted() == [])
        state.end(1, at: 1)
        #expect(state.reservations.keys.sorted() == [id(2), id(9)])
    }

    @Test("has all of it go at one time, whatever notice each has")
    func oneTime() throws {
        var state = try state()
        for number in 1...2 as ClosedRange<UInt64> {
            var request = ReservationRequest(resources: Resources(cpu(3000)), wait: .seconds(60), priority: -1)
            request.gang = Gang(id: "a", size: 2)
            request.warning = number == 1 ? nil : Warning(.user1, before: .seconds(100))
            #expect(state.run(.reserve(id(number), request, user, nil)).answer == .done(id(number)))
        }
        #expect(state.admitted() == [id(1), id(2)])
        for number in 1...2 as ClosedRange<UInt64> {
            state.run(.noteAttached(id(number), ProcessIdentity(pid: 7, startTicks: 1, boot: "b")))
        }
        let request = ReservationRequest(resources: Resources(cpu(4000)), strategy: .priority)
        #expect(state.run(.reserve(id(4), request, user, nil)).answer == .done(id(4)))
        #expect(state.reservations.values.allSatisfy { $0.deadline == 100_000 && $0.preemption != nil })
    }

    @Test("that went for another is queued again as large as what is left of it")
    func lessened() throws {
        for kept in 1...2 as ClosedRange<UInt64> {
            var state = try state()
            for number in 1...3 as ClosedRange<UInt64> {
                var request = ReservationRequest(resources: Resources(cpu(2000)), wait: .seconds(60), priority: -1)
                request.gang = Gang(id: "a", size: 3)
                request.isRequeued = number <= kept
                #expect(state.run(.reserve(id(number), request, user, nil)).answer == .done(id(number)))
            }
            #expect(state.admitted() == [id(1), id(2), id(3)])
            let request = ReservationRequest(resources: Resources(cpu(8000)), strategy: .priority)
            #expect(state.run(.reserve(id(4), request, user, nil)).answer == .done(id(4)))
            #expect(state.reservations.values.allSatisfy { $0.preemption?.by == id(4) })
            state.run(.tick, at: 10_000)
            for number in 1...3 as ClosedRange<UInt64> { state.run(.noteFreed(id(number), nil), at: 10_000) }
            state.run(.admit(depth: 64), at: 10_000)
            state.run(.admit(depth: 64), at: 10_000)
            #expect(state.reservations.keys.sorted() == [id(4)] && state.waiters.count == Int(kept))
            #expect(state.waiters.all.allSatisfy { $0.gang == (kept > 1 ? Gang(id: "a", size: 2) : nil) })
            state.end(4, at: 11_000)
            #expect(state.waiters.isEmpty && state.reservations.count == Int(kept))
            #expect(kept > 1 || state.gangIsFree("a"))
        }
    }

    @Test("ends as a whole where one of it cannot be held")
    func failure() throws {
        for command in [
            Command.noteUnenforced(id(1), [], reason: "no"), .noteUnprovided(id(1), .gpu, reason: "no", hint: nil),
            .noteAttachFailed(id(1)),
        ] {
            var state = try state()
            for number in 1...3 as ClosedRange<UInt64> { state.join(number, "a", of: 3, cpu(10)) }
            #expect(state.admitted().count == 3)
            let decision = state.run(command)
            #expect(state.reservations.values.allSatisfy { !$0.isLive })
            #expect(state.reservations[id(2)]?.reason == .gang && state.reservations[id(3)]?.reason == .gang)
            #expect(Set(decision.effects) == [.end(id(1)), .end(id(2)), .end(id(3))])
        }
    }

    @Test("may lie near each other, and apart")
    func near() throws {
        var state = try state()
        let cores = [Ask(.cpu, amount: Quantity(2000), exclusive: true)]
        for number in 1...2 as ClosedRange<UInt64> {
            #expect(
                state.join(
                    number, "a", of: 2, cores, labels: ["job": "x"], apart: [Affinity(.labels(["job": "x"]))]) == nil)
        }
        #expect(state.admitted().count == 2)
        let cpus = [1, 2].compactMap { state.reservations[id($0)]?.grant[.cpu]?.cpus }
        #expect(Set(cpus.map { $0.contains { $0 < 4 } }) == [true, false], "\(cpus)")
    }

    @Test("makes do with lesser choices where the first leave too little for others of it")
    func lesserChoices() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(6000), or: cpu(4000)) == nil)
        #expect(state.join(2, "a", of: 2, cpu(5000), or: cpu(4000)) == nil)
        #expect(state.admitted() == [id(1), id(2)] && state.holdings.cpu == Quantity(8000))
        #expect(state.reservations[id(2)]?.alternative == 0)
    }

    @Test("makes do with the least of all where there are too many ways to try them all")
    func least() throws {
        var state = try state()
        for number in 1...8 as ClosedRange<UInt64> {
            #expect(state.join(number, "a", of: 8, cpu(2000), or: cpu(1000)) == nil)
        }
        #expect(state.admitted().count == 8 && state.holdings.cpu == Quantity(8000))
    }

    @Test("says what one had asked for that got the least")
    func asked() throws {
        var state = try state()
        let less = [Ask(.cpu, amount: Quantity(8000), minimum: Quantity(2000), exclusive: true)]
        let near = [Affinity(.labels(["job": "x"]))]
        #expect(state.join(1, "a", of: 2, less, labels: ["job": "x"]) == nil)
        #expect(
            state.join(2, "a", of: 2, [Ask(.cpu, amount: Quantity(2000), exclusive: true)], near: near) == nil)
        #expect(state.admitted().count == 2)
        let first = state.reservations[id(1)]
        #expect(first?.state == .partial && first?.grant[.cpu]?.asked == Quantity(8000))
    }

    @Test("finds a place for one that is to lie near another of it that has asked later")
    func nearLater() throws {
        var state = try state()
        let cores = [Ask(.cpu, amount: Quantity(2000), exclusive: true)]
        #expect(state.join(1, "a", of: 2, cores, near: [Affinity(.labels(["job": "x"]))]) == nil)
        #expect(state.join(2, "a", of: 2, cores, labels: ["job": "x"]) == nil)
        #expect(state.admitted() == [id(1), id(2)])
        let nodes = [1, 2].map { state.reservations[id($0)]?.grant[.cpu]?.nodes }
        #expect(nodes[0] == nodes[1] && nodes[0] != nil)
    }

    @Test("lets one choose before others where it would find nothing after them")
    func order() throws {
        var state = try state()
        let model = Ask(.gpu, amount: Quantity(1000), constraints: ["model": "A"])
        #expect(state.join(1, "a", of: 2, [Ask(.gpu, amount: Quantity(1000))]) == nil)
        #expect(state.join(2, "a", of: 2, [model]) == nil)
        #expect(state.admitted() == [id(1), id(2)])
        #expect(state.reservations[id(2)]?.grant[.gpu]?.units.map(\.name) == ["gpu0"])
    }

    @Test("has nobody lie where another of it is to be alone, whoever chose first")
    func apart() throws {
        var state = try state()
        let cores = [Ask(.cpu, amount: Quantity(2000), exclusive: true)]
        let alone = [Affinity(.labels(["job": "x"]))]
        #expect(state.join(1, "a", of: 3, cores, apart: alone) == nil)
        #expect(state.join(2, "a", of: 3, cores, labels: ["job": "x"]) == nil)
        #expect(state.join(3, "a", of: 3, cores, labels: ["job": "x"]) == nil)
        #expect(state.admitted().count == 3)
        let nodes = [1, 2, 3].map { state.reservations[id($0)]?.grant[.cpu]?.cpus?.allSatisfy { $0 < 4 } }
        #expect(nodes == [true, false, false])
    }

    @Test("is refused where some of it could never lie apart")
    func neverApart() throws {
        var state = try state()
        let cores = [Ask(.cpu, amount: Quantity(2000), exclusive: true)]
        let apart = [Affinity(.labels(["job": "x"]))]
        for number in 1...2 as ClosedRange<UInt64> {
            #expect(state.join(number, "a", of: 3, cores, labels: ["job": "x"], apart: apart) == nil)
        }
        guard case .unmet = state.join(3, "a", of: 3, cores, labels: ["job": "x"], apart: apart) else {
            Issue.record("three lie apart on two nodes")
            return
        }
    }

    @Test("is read back from the ledger as it was")
    func stored() throws {
        var state = try state()
        state.join(1, "a", of: 2, cpu(10))
        let waiter = try #require(state.waiters[id(1)])
        #expect(try waiter.storedAndRead() == waiter)
        var restored = try self.state()
        restored.restore([try waiter.storedAndRead()], nil)
        #expect(restored.join(2, "a", of: 2, cpu(10)) == nil && restored.admitted() == [id(1), id(2)])
        let held = try #require(restored.reservations[id(1)])
        #expect(try held.storedAndRead() == held && held.gang == Gang(id: "a", size: 2))
    }
}

extension State {
    /// Whether one that asks for a new gang of this name gets in.
    fileprivate func gangIsFree(_ name: String) -> Bool {
        var state = self
        return state.join(77, name, of: 64, [Ask(.cpu, amount: Quantity(10))], at: 1_000_000) == nil
    }
}
