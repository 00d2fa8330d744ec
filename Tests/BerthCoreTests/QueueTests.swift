import BerthCore
import BerthModel
import Testing

/// The host has 8 CPUs, 1,000 bytes of memory and two GPUs.
@Suite("Those who wait")
struct QueueTests {
    private func fresh() throws -> State { TestHost.state(try TestHost.capacity()) }

    private func cpu(_ millicores: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(millicores))] }

    private let gpu = Ask(.gpu, amount: ResourceType.gpu.whole)
    private let gpus = Ask(.gpu, amount: Quantity(2000))

    @Test(
        "nobody gets in before one all of which it waits for has ended, for the first that is gone may be enough for it"
    )
    func ending() throws {
        var state = TestHost.state(try TestHost.capacity())
        func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }
        for (number, amount) in [(1, 4000), (2, 1000)] as [(UInt64, Int64)] { state.reserve(number, cpu(amount)) }
        #expect(state.queue(3, cpu(5000)) == nil)
        for number in [1, 2] as [UInt64] { state.run(.release(id(number), user)) }
        #expect(state.reserve(4, cpu(3000), user: 2) == .wouldDelay(1))
        state.run(.noteFreed(id(1), nil))
        state.run(.admit(depth: 64))
        #expect(state.reservations[id(3)] != nil)
    }

    @Test("are granted when there is room, the first of them first, and their leases begin then")
    func inTurn() throws {
        var state = try fresh()
        state.reserve(1, cpu(8000), lease: .seconds(10))
        #expect(state.queue(2, cpu(6000), lease: .seconds(20), at: 1000) == nil)
        #expect(state.queue(3, cpu(4000), at: 2000) == nil)
        #expect(state.waiters.count == 2 && state.holdings.cpu == Quantity(8000))
        state.end(1, at: 5000)
        #expect(state.reservations[id(2)]?.deadline == 25_000 && state.waiters[id(2)] == nil)
        #expect(state.reservations[id(2)]?.createdAt.milliseconds == 1_001_000)
        #expect(state.reservations[id(2)]?.grantedAt?.milliseconds == 1_005_000)
        #expect(state.waiters[id(3)] != nil)
        state.end(2, at: 6000)
        #expect(state.reservations[id(3)]?.state == .confirmed && state.waiters.isEmpty)
    }

    @Test("fail when their time to wait is over, and a release takes them out")
    func over() throws {
        var state = try fresh()
        state.reserve(1, cpu(8000))
        state.run(.noteAttached(id(1), ProcessIdentity(pid: 7, startTicks: 1, boot: "b")))
        state.queue(2, cpu(1000), wait: .seconds(5))
        state.queue(3, cpu(1000), wait: .seconds(50))
        #expect(state.nextDeadline == 5000)
        let over = state.run(.tick, at: 5000)
        #expect(over.changes == [.ended(id(2), .failed, .wait), .freed(id(2), nil)])
        let caller = Caller(user: 1, isAdmin: false, caps: Caps())
        #expect(state.run(.attach(id(3), caller)).answer == .refused(.pending(id(3))))
        #expect(state.run(.renew(id(3), .seconds(1), caller)).answer == .refused(.pending(id(3))))
        state.run(.release(id(3), caller))
        #expect(state.waiters.isEmpty && state.nextDeadline == nil)
    }

    @Test("are not those for whom there never is room, nor those above what their user may have alone")
    func never() throws {
        var state = try fresh()
        #expect(state.queue(1, cpu(9000)) != nil)
        let caps = Caps(quantities: [.cpu: Quantity(2000)])
        #expect(state.queue(2, cpu(3000), caps: caps) != nil)
        state.reserve(3, cpu(2000), caps: caps)
        // Its own reservation may end.
        #expect(state.queue(4, cpu(1000), caps: caps) == nil && state.waiters.count == 1)
        // What waits for its own user holds up nobody.
        #expect(state.reserve(5, cpu(6000), user: 2) == nil)
    }

    @Test("are not those that will never have so much for the cores are whole, though there is no room now either")
    func neverWhole() throws {
        // Three CPUs of their own are two cores of two threads.
        let three = [Ask(.cpu, amount: Quantity(3000), exclusive: true)]
        let caps = Caps(quantities: [.cpu: Quantity(3000)])
        var state = try fresh()
        state.reserve(1, cpu(8000), user: 2)
        #expect(state.queue(2, three, caps: caps) != nil && state.queue(3, three) == nil)
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(3000)))])))
        #expect(state.queue(4, three, user: 4) != nil)
        state.run(.setPool(.of("ci", .dynamic, most: [.cpu: 3000])))
        var request = ReservationRequest(resources: Resources(three), wait: .seconds(60))
        request.pool = PoolName(known: "ci")
        state.say(Policy())
        #expect(state.run(.reserve(id(5), request, other, nil)).answer.refusal?.shortTypes == [.cpu])
    }

    @Test("count among the reservations that a user may have")
    func counted() throws {
        var state = try fresh()
        let caps = Caps(reservations: 2)
        state.reserve(1, cpu(8000), caps: caps)
        #expect(state.queue(2, cpu(1000), caps: caps) == nil)
        #expect(state.queue(3, cpu(1000), caps: caps) == .overCap(.reservations(2)))
    }

    @Test("are passed by what is over before their turn comes, and by nothing else")
    func backfill() throws {
        var state = try fresh()
        state.reserve(1, cpu(6000), lease: .seconds(100))
        state.queue(2, cpu(8000), user: 2)
        #expect(state.standings(Now(wall: Timestamp(milliseconds: 0), uptime: 0))[id(2)]?.expected == 100_000)
        #expect(state.reserve(3, cpu(1000)) == .wouldDelay(1))
        #expect(state.reserve(4, cpu(1000), lease: .seconds(101)) == .wouldDelay(1))
        #expect(state.reserve(5, cpu(1000), lease: .seconds(100)) == nil)
        #expect(state.queue(6, cpu(1000), lease: .seconds(101), at: 1) == nil && state.waiters.count == 2)
        #expect(state.queue(7, cpu(1000), lease: .seconds(90), at: 2) == nil && state.waiters.count == 2)
    }

    @Test("are passed by what fits beside whole cores now and beside shares of them later")
    func alternating() throws {
        var state = try fresh()
        state.reserve(1, [Ask(.cpu, amount: Quantity(2000), exclusive: true)], lease: .seconds(10))
        state.reserve(2, cpu(3000))
        // Not before the cores are free.
        #expect(state.queue(3, cpu(4000)) == nil && state.waiters.count == 1)
        #expect(state.reserve(4, cpu(1100)) == .wouldDelay(1))
        #expect(state.reserve(5, cpu(1000)) == nil)
    }

    @Test("for what nobody knows the end of keep what they are not short of, and what they are short of is closed")
    func unknown() throws {
        var state = try fresh()
        state.reserve(1, [gpu] + cpu(1000))
        #expect(state.queue(2, [gpus] + cpu(4000), user: 2) == nil && state.waiters.count == 1)
        // The GPU that is free would be taken from it, however short the lease.
        #expect(state.reserve(3, [gpu] + cpu(1000), lease: .seconds(1)) == .wouldDelay(1))
        #expect(state.reserve(4, cpu(4000)) == .wouldDelay(1))
        #expect(state.reserve(5, cpu(3000)) == nil)
        state.end(1, at: 2)
        #expect(state.reservations[id(2)]?.grant[.gpu]?.amount == Quantity(2000))
    }

    @Test("are looked at behind a thousand of one who has had its part, and no more", arguments: [1039, 1040])
    func patience(many: Int) throws {
        // 16 of them are looked at, and 1,024 passed over.
        let isReached = many < 1040
        var state = try fresh()
        state.reserve(1, cpu(7000), lease: .seconds(100))
        state.reserve(2, cpu(1000))
        for number in 0..<many { state.queue(UInt64(10 + number), cpu(8000), lease: .seconds(10)) }
        var other = state
        other.end(2, at: 1)
        let refusal = other.reserve(3, cpu(1000), user: 2, lease: .seconds(50), at: 1)
        #expect(refusal == (isReached ? nil : .wouldDelay(many)))
        state.queue(3, cpu(1000), user: 2, lease: .seconds(50), at: 1)
        state.queue(4, cpu(8000), user: 3, at: 2)
        #expect(state.waiters.count == many + 2)
        state.end(2, at: 3)
        #expect((state.reservations[id(3)] != nil) == isReached)
    }

    @Test("go by priority, and ten minutes of waiting are worth a step of it")
    func priority() throws {
        var state = try fresh()
        state.reserve(1, cpu(8000))
        state.queue(2, cpu(8000), at: 0)
        state.queue(3, cpu(8000), priority: 1, at: 590_000)
        state.queue(4, cpu(8000), priority: 1, at: 610_000)
        #expect(state.inOrder(at: 610_000).map(\.id) == [id(3), id(2), id(4)])
    }

    @Test("leave the lowest cores to the shared set now, whatever is whole cores later")
    func lowestCores() throws {
        var state = TestHost.state(try TestHost.capacity(reservedCPU: 500))
        func exclusive(_ cpus: Int64, on node: Int64? = nil) -> [Ask] {
            var ask = Ask(.cpu, amount: Quantity(cpus * 1000), exclusive: true)
            ask.constraints["numa"] = node.map { Constraint(integerLiteral: $0) }
            return [ask]
        }
        // Core 1 until then; the four CPUs of node 1 from then on.
        state.reserve(1, exclusive(2, on: 0), lease: .seconds(40))
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus == [2, 3])
        state.reserve(2, [Ask(.memory, amount: Quantity(1000))], lease: .seconds(50))
        #expect(state.queue(3, exclusive(4, on: 1) + [Ask(.memory, amount: Quantity(100))]) == nil)
        #expect(state.reserve(4, exclusive(2, on: 0), lease: .seconds(200)) != nil)
        // The second choice is not to be had because the first is.
        var request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(4000))]), lease: .seconds(200))
        request.alternatives = [Resources(exclusive(2, on: 0))]
        state.run(.reserve(id(5), request, user, nil))
        #expect(state.reservations[id(5)] == nil)
    }

    @Test("have what must be of one node kept there, though there would be as much on several")
    func oneNode() throws {
        let places = (0..<8).map { cpu in
            CPUTopology.Place(cpu: cpu, core: cpu, l3: cpu / 4, die: cpu / 4, package: cpu / 4, node: cpu / 4)
        }
        var state = TestHost.state(
            Capacity(topology: try CPUTopology(places), cpu: Quantity(8000), memory: Quantity(1000)))
        func cores(_ count: Int64, _ node: Constraint? = nil) -> [Ask] {
            [Ask(.cpu, amount: Quantity(count * 1000), exclusive: true, constraints: node.map { ["numa": $0] } ?? [:])]
        }
        #expect(state.reserve(1, cores(1, 0)) == nil && state.reserve(2, cores(1, 1)) == nil)
        var request = ReservationRequest(resources: Resources(cores(4)), same: .numa)
        request.wait = .seconds(60)
        #expect(state.run(.reserve(id(3), request, user, nil)).answer.refusal == nil)
        #expect(state.reserve(4, cores(2), user: 2) == .wouldDelay(1))
        state.end(2, at: 1000)
        #expect(state.reservations[id(3)]?.grant[.cpu]?.nodes == [1])
    }

    @Test("have their part of a disk kept from what grows")
    func disk() throws {
        var state = try fresh()
        func rates(_ write: Int64) -> [StorageAsk] {
            [StorageAsk(device: "sda", rates: StorageRates(write: Quantity(write)))]
        }
        #expect(state.reserve(1, [], storage: rates(50)) == nil)
        #expect(state.reserve(2, [], storage: rates(10), lease: .seconds(60)) == nil)
        let request = ReservationRequest(resources: Resources([], storage: rates(60)), wait: .seconds(60))
        #expect(state.run(.reserve(id(3), request, other, nil)).answer.refusal == nil)
        let grown = ResourceChange(parts: [], storage: [.init(device: "sda", rates: StorageRates(write: Quantity(50)))])
        #expect(state.run(.resize(id(2), grown, user)).answer.refusal == .wouldDelay(1))
        let less = ResourceChange(parts: [], storage: [.init(device: "sda", rates: StorageRates(write: Quantity(5)))])
        #expect(state.run(.resize(id(2), less, user)).answer.refusal == nil)
    }

    @Test("are not taken from by what grows")
    func growth() throws {
        var state = try fresh()
        state.reserve(1, cpu(2000), lease: .seconds(100))
        state.reserve(2, cpu(4000), lease: .seconds(10))
        state.queue(3, cpu(6000), user: 2)
        let caller = Caller(user: 1, isAdmin: false, caps: Caps())
        func grow(_ millicores: Int64) -> Refusal? {
            let change = ResourceChange(parts: [.init(type: .cpu, amount: Quantity(millicores))], storage: [])
            return state.decide(.resize(id(1), change, caller), Now(wall: Timestamp(milliseconds: 0), uptime: 0))
                .answer.refusal
        }
        #expect(grow(1000) == nil)
        #expect(grow(4000) == .wouldDelay(1))
    }

    @Test("wait on over a restart of the agent and of the host, unless for a process that is gone")
    func restored() throws {
        var state = try fresh()
        state.reserve(1, cpu(8000))
        state.queue(2, cpu(1000), wait: .seconds(100), at: 0)
        state.queue(3, cpu(1000), wait: .seconds(100), attachesCaller: true, at: 1)
        var restored = TestHost.state(try TestHost.capacity())
        restored.restore(try state.kept.map { try $0.storedAndRead() }, nil)
        #expect(restored.inOrder(at: 2).map(\.id) == [id(2), id(3)] && restored.nextDeadline == 60_000)
        #expect(restored.waiters[id(2)] == state.waiters[id(2)])
        let decision = restored.decide(
            .noteBoot("c"), Now(wall: Timestamp(milliseconds: 1_030_000), uptime: 10_000))
        for change in decision.changes { restored.apply(change, at: Timestamp(milliseconds: 1_030_000)) }
        #expect(restored.waiters[id(2)]?.deadline == 80_000 && restored.waiters[id(3)] == nil)
    }
}
