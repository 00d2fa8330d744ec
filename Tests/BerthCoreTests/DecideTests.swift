import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Decisions")
struct DecideTests {
    @Test("a grant is all or nothing, and says everything that is short")
    func allOrNothing() throws {
        var state = TestHost.state(try TestHost.capacity())
        let refusal = state.reserve(
            1,
            [
                Ask(.cpu, amount: Quantity(9000)), Ask(.memory, amount: Quantity(1001)),
                Ask(.pids, amount: Quantity(5)),
                Ask(.gpu, amount: Quantity(3000)), Ask(.network, amount: Quantity(2000)),
            ], storage: [StorageAsk(device: "sda1", rates: StorageRates(write: Quantity(101)))])
        #expect(refusal?.shortTypes == [.cpu, .memory, .network, .gpu, .storage])
        guard case .insufficient(let shortfalls, let ever) = refusal else { return }
        #expect(!ever)
        #expect(shortfalls[0] == Shortfall(.cpu, asked: Quantity(9000), free: Quantity(8000), capacity: Quantity(8000)))
        #expect(state.holdings == Holdings())
    }

    @Test("what would fit an empty host is refused as something that may fit later")
    func ever() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [Ask(.memory, amount: Quantity(600))]) == nil)
        let refusal = state.reserve(2, [Ask(.memory, amount: Quantity(600))])
        #expect(
            refusal
                == .insufficient(
                    [Shortfall(.memory, asked: Quantity(600), free: Quantity(400), capacity: Quantity(1000))],
                    ever: true))
    }

    @Test("memory of a node counts against the node and the host")
    func nodeMemory() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [Ask(.memory, amount: Quantity(400), constraints: ["numa": 1])]) == nil)
        #expect(
            state.reserve(2, [Ask(.memory, amount: Quantity(101), constraints: ["numa": 1])])?.shortTypes == [.memory])
        #expect(state.reserve(3, [Ask(.memory, amount: Quantity(600))]) == nil)
        #expect(
            state.reserve(4, [Ask(.memory, amount: Quantity(1), constraints: ["numa": 0])])?.shortTypes == [.memory])
    }

    @Test("exclusive CPUs are whole cores, and leave the lowest to shared amounts and the system")
    func exclusive() throws {
        var state = TestHost.state(try TestHost.capacity(reservedCPU: 500))
        #expect(state.reserve(1, [Ask(.cpu, amount: Quantity(1000))]) == nil)
        #expect(state.reserve(2, [Ask(.cpu, amount: Quantity(1000), exclusive: true)]) == nil)
        let hold = try #require(state.reservations[id(2)]?.grant[.cpu])
        #expect(hold.amount == Quantity(2000))
        #expect(hold.asked == Quantity(1000))
        // CPUs 0 and 1 stay with the shared set; the rest of their package is taken before the other is broken.
        #expect(hold.cpus == [2, 3])
        #expect(state.reserve(3, [Ask(.cpu, amount: Quantity(4000), exclusive: true)]) == nil)
        #expect(state.reservations[id(3)]?.grant[.cpu]?.cpus == [4, 5, 6, 7])
        let refusal = state.reserve(4, [Ask(.cpu, amount: Quantity(1000), exclusive: true)])
        #expect(
            refusal
                == .insufficient(
                    [
                        Shortfall(.cpu, asked: Quantity(1000), free: .zero, capacity: Quantity(8000))
                    ], ever: true))
        #expect(state.reserve(5, [Ask(.cpu, amount: Quantity(501))])?.shortTypes == [.cpu])
        #expect(state.reserve(6, [Ask(.cpu, amount: Quantity(500))]) == nil)
    }

    @Test("exclusive CPUs of a node are of that node")
    func exclusiveNode() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [Ask(.cpu, amount: Quantity(2000), exclusive: true, constraints: ["numa": 1])]) == nil)
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus == [4, 5])
        #expect(
            state.reserve(2, [Ask(.cpu, amount: Quantity(4000), exclusive: true, constraints: ["numa": 1])])?.shortTypes
                == [.cpu])
    }

    @Test("a quota bounds exclusive CPUs too")
    func quota() throws {
        var state = TestHost.state(try TestHost.capacity(cpu: 1500))
        #expect(state.reserve(1, [Ask(.cpu, amount: Quantity(1000), exclusive: true)])?.shortTypes == [.cpu])
        #expect(state.reserve(2, [Ask(.cpu, amount: Quantity(1500))]) == nil)
        #expect(state.reserve(3, [Ask(.cpu, amount: Quantity(10))])?.shortTypes == [.cpu])
    }

    @Test("GPUs are near the CPUs, and of the model that is asked")
    func gpus() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(
            state.reserve(
                1,
                [
                    Ask(.cpu, amount: Quantity(2000), exclusive: true, constraints: ["numa": 1]),
                    Ask(.gpu, amount: Quantity(1000)),
                ]) == nil)
        #expect(state.reservations[id(1)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
        #expect(
            state.reserve(2, [Ask(.gpu, amount: Quantity(1000), constraints: ["model": "B"])])?.shortTypes == [.gpu])
        #expect(state.reserve(3, [Ask(.gpu, amount: Quantity(1000), constraints: ["model": "A"])]) == nil)
    }

    @Test(
        "what the host does not know is invalid, with what it knows",
        arguments: [
            (Ask(.memory, amount: Quantity(1), constraints: ["numa": 7]), "unknown_node", "0-1"),
            (Ask(.cpu, amount: Quantity(1000), exclusive: true, constraints: ["numa": 2]), "unknown_node", "0-1"),
            (Ask(.cpu, amount: Quantity(1000), constraints: ["numa": 0]), "unknown_capability", "exclusive"),
            (Ask(.gpu, amount: Quantity(1000), constraints: ["vramm": 1]), "unknown_capability", "model, numa"),
        ] as [(Ask, String, String)])
    func unknown(ask: Ask, code: String, hint: String) throws {
        var state = TestHost.state(try TestHost.capacity())
        guard case .invalid(let violations) = state.reserve(1, [ask]) else {
            Issue.record("it was not refused as invalid")
            return
        }
        #expect(violations.map(\.code) == [code])
        #expect(violations.first?.hint?.contains(hint) == true)
    }

    @Test("a weight on a disk is granted whoever else has one, and whatever its rates are held for")
    func weights() throws {
        var state = TestHost.state(try TestHost.capacity())
        let all = StorageRates(write: Quantity(100))
        #expect(state.reserve(1, [], storage: [StorageAsk(device: "sda", rates: all, weight: 10_000)]) == nil)
        #expect(state.reserve(2, [], storage: [StorageAsk(device: "sda1", weight: 10_000)]) == nil)
        #expect(state.reservations[id(2)]?.grant.storage == [StorageAsk(device: "sda", weight: 10_000)])
    }

    @Test("disks are named, each once, partitions meaning their disk")
    func disks() throws {
        var state = TestHost.state(try TestHost.capacity())
        let write = StorageRates(write: Quantity(60))
        #expect(state.reserve(1, [], storage: [StorageAsk(device: "sda1", rates: write)]) == nil)
        #expect(state.reservations[id(1)]?.grant.storage == [StorageAsk(device: "sda", rates: write)])
        #expect(state.reserve(2, [], storage: [StorageAsk(device: "sda", rates: write)])?.shortTypes == [.storage])
        // No capacity is stated for the other disk: its rates are ceilings and are not counted.
        #expect(state.reserve(3, [], storage: [StorageAsk(device: "sdb", rates: write)]) == nil)
        #expect(state.reserve(4, [], storage: [StorageAsk(device: "sdb", rates: write)]) == nil)
        for asks in [["sdc"], ["sda", "sda1"]] {
            let refusal = state.reserve(5, [], storage: asks.map { StorageAsk(device: $0, rates: write) })
            guard case .invalid = refusal else {
                Issue.record("\(asks) was not refused as invalid")
                continue
            }
        }
    }

    @Test("a resize keeps what it can, and is all or nothing")
    func resize() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(
            state.reserve(1, [Ask(.cpu, amount: Quantity(2000), exclusive: true), Ask(.memory, amount: Quantity(600))])
                == nil)
        let first = try #require(state.reservations[id(1)]?.grant[.cpu]?.cpus)
        func change(_ text: String) throws -> Refusal? {
            let change = try ResourceChange.reader.read(try JSONValue(parsing: text))
            let decision = state.run(.resize(id(1), change, user))
            for case .resize(_, _, let grant) in decision.effects {
                state.run(.noteResized(id(1), grant, []))
            }
            return decision.answer.refusal
        }
        #expect(try change(#"{"cpu": 4, "memory": 1001}"#)?.shortTypes == [.memory])
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus == first)
        #expect(try change(#"{"cpu": 4, "memory": 1000}"#) == nil)
        let grown = try #require(state.reservations[id(1)]?.grant[.cpu]?.cpus)
        #expect(first.isSubset(of: grown) && grown.count == 4)
        #expect(try change(#"{"cpu": 2}"#) == nil)
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus?.isSubset(of: grown) == true)
        #expect(state.holdings.cpu == Quantity(2000))
        guard case .invalid = try change(#"{"cpu": {"exclusive": false}}"#) else {
            Issue.record("exclusive CPUs became shared ones")
            return
        }
    }

    @Test("a resize that takes no more than is held is granted, whatever the host has less of than it had")
    func resizeBesideLess() throws {
        func change(_ parts: [ResourceType: Int64], of number: UInt64 = 1, in state: State) -> Refusal? {
            let change = ResourceChange(
                parts: parts.map { ResourceChange.Part(type: $0, amount: Quantity($1)) }, storage: [])
            return state.decide(.resize(id(number), change, user), Now(wall: Timestamp(milliseconds: 0), uptime: 0))
                .answer.refusal
        }
        let bound = Ask(.memory, amount: Quantity(400), constraints: ["numa": 0])
        for memory in [Ask(.memory, amount: Quantity(400)), bound] {
            var state = TestHost.state(try TestHost.capacity())
            #expect(
                state.reserve(1, [Ask(.cpu, amount: Quantity(4000)), memory, Ask(.pids, amount: Quantity(300))]) == nil)
            state.run(.noteUnmanaged(Quantity(900)))
            state.run(.setCapacity(try TestHost.capacity(cpu: 1000, pids: 100)))
            #expect(change([.cpu: 2000], in: state) == nil)
            #expect(change([.memory: 300], in: state) == nil)
            #expect(change([.pids: 200], in: state) == nil)
            #expect(change([.memory: 401], in: state)?.shortTypes == [.memory])
            #expect(change([.cpu: 4001], in: state)?.shortTypes == [.cpu])
            #expect(change([.pids: 301], in: state)?.shortTypes == [.pids])
        }
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [Ask(.cpu, amount: Quantity(8000), exclusive: true), bound]) == nil)
        var less = try TestHost.capacity(cpu: 4000)
        less.topology = try CPUTopology(less.topology.places.filter { $0.node == 0 })
        state.run(.setCapacity(less))
        #expect(change([.memory: 300], in: state) == nil)
        var slow = try TestHost.capacity()
        (slow.disks[0].rates.write, slow.interfaces[0].capacity) = (Quantity(50), Quantity(500))
        state = TestHost.state(try TestHost.capacity())
        let disk = StorageAsk(device: "sda", rates: StorageRates(write: Quantity(100)))
        let asks = [Ask(.cpu, amount: Quantity(2000)), Ask(.network, amount: Quantity(900))]
        #expect(state.reserve(1, asks, storage: [disk]) == nil)
        state.run(.setCapacity(slow))
        #expect(change([.cpu: 1000], in: state) == nil && change([.network: 800], in: state) == nil)
        #expect(change([.network: 901], in: state)?.shortTypes == [.network])
    }

    @Test("only its user and an admin act on a reservation")
    func owners() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Ask(.cpu, amount: Quantity(1000))])
        for command in [
            Command.release(id(1), other), .renew(id(1), .seconds(1), other), .attach(id(1), other),
            .resize(id(1), ResourceChange(parts: [], storage: []), other),
        ] {
            #expect(state.run(command).answer == .refused(.notYours(id(1))))
        }
        #expect(state.run(.attach(id(1), admin)).answer == .done(id(1)))
        #expect(state.run(.release(id(2), user)).answer == .refused(.unknown(id(2))))
    }

    @Test("caps bound reservations, leases and quantities of one user")
    func caps() throws {
        var state = TestHost.state(try TestHost.capacity())
        let caps = Caps(reservations: 2, lease: .seconds(10), quantities: [.memory: Quantity(100)])
        let ask = [Ask(.memory, amount: Quantity(60))]
        #expect(state.reserve(1, ask, lease: .seconds(11), caps: caps) == .overCap(.lease(.seconds(10))))
        #expect(state.reserve(1, ask, caps: caps) == nil)
        #expect(
            state.reserve(2, ask, caps: caps)
                == .overCap(.quantity(.memory, cap: Quantity(100), held: Quantity(60), asked: Quantity(60))))
        #expect(state.reserve(2, [Ask(.memory, amount: Quantity(40))], caps: caps) == nil)
        #expect(state.reserve(3, [Ask(.cpu, amount: Quantity(10))], caps: caps) == .overCap(.reservations(2)))
        #expect(state.reserve(3, ask, user: 9, caps: caps) == nil)
    }

    @Test("a retry finds what the first made; another body is refused")
    func retry() throws {
        var state = TestHost.state(try TestHost.capacity())
        let request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(1000))]))
        let key = RetryKey(key: "k", digest: 1)
        #expect(state.run(.reserve(id(1), request, user, key)).answer == .done(id(1)))
        let again = state.run(.reserve(id(2), request, user, key))
        #expect(again.answer == .done(id(1)) && again.changes.isEmpty)
        #expect(state.run(.reserve(id(3), request, other, key)).answer == .done(id(3)))
        let reused = state.run(.reserve(id(4), request, user, RetryKey(key: "k", digest: 2)))
        #expect(reused.answer == .refused(.keyReused("k")))
    }

    @Test("what the host does not know is told of in short, however long it is")
    func shortViolations() throws {
        var capacity = try TestHost.capacity()
        capacity.disks = (0..<1000).map { Capacity.Disk(name: "disk\($0)") }
        var state = TestHost.state(capacity)
        let long = String(repeating: "x", count: 100_000)
        let refusal = state.reserve(
            1, [Ask(.gpu, amount: Quantity(1000), constraints: [long: 1])],
            storage: [StorageAsk(device: long, rates: StorageRates(read: Quantity(1)))])
        guard case .invalid(let violations) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(violations.map(\.pointer) == ["/resources/gpu/where", "/resources/storage"])
        for violation in violations { #expect(violation.message.utf8.count + (violation.hint?.utf8.count ?? 0) < 400) }
        #expect(violations[1].hint?.hasSuffix("disk15 and 984 more") == true)
    }
}
