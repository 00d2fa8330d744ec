import BerthJSON
import BerthModel
import Testing

@Suite("What plugins narrow") struct NarrowingTests {
    private static func disk(_ name: String, read: Int64? = nil, write: Int64? = nil) -> StorageAsk {
        StorageAsk(
            device: name, rates: StorageRates(read: read.map { Quantity($0) }, write: write.map { Quantity($0) }))
    }

    @Test("is read in the words of requests, and printed so that it is read the same")
    func reading() throws {
        let text = """
            {"cpuset.mems": "0-1,4", "pids.max": "64", \
            "io.max": [{"device": "/dev/vda", "write": "5MiB"}, {"device": "vdb", "read": 7}]}
            """
        let narrowing = try Narrowing.reader.read(try JSONValue(parsing: text))
        let expected = Narrowing(
            nodes: [0, 1, 4], pids: Quantity(64),
            storage: [Self.disk("vda", write: 5 << 20), Self.disk("vdb", read: 7)])
        #expect(narrowing == expected)
        #expect(try Narrowing.reader.read(narrowing.json) == narrowing)
        #expect(try Narrowing.reader.read([:]).isEmpty && !narrowing.isEmpty)
    }

    @Test(
        "is nothing else",
        arguments: [
            #"{"memory.max": 1}"#, #"{"cpuset.mems": ""}"#, #"{"cpuset.mems": "1-0"}"#, #"{"cpuset.mems": 1}"#,
            #"{"pids.max": 0}"#, #"{"pids.max": -1}"#, #"{"pids.max": "max"}"#, #"{"pids.max": 1.5}"#,
            #"{"io.max": 1}"#,
            #"{"io.max": [{"device": "vda"}]}"#, #"{"io.max": [{"device": "vda", "weight": 5}]}"#,
            #"{"io.max": [{"device": "vda", "wbps": 5}]}"#, #"{"io.max": [{"device": "vda", "write": 0}]}"#,
            #"{"io.max": [{"device": "vda", "write": 1}, {"device": "vda", "read": 1}]}"#, #"[]"#,
        ])
    func refusals(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(throws: JSONFieldError.self) { try Narrowing.reader.read(value) }
    }

    @Test("by two is of each value the tighter, and by one as well as by both")
    func meet() {
        let one = Narrowing(nodes: [0, 1], pids: Quantity(64), storage: [Self.disk("a", read: 5, write: 9)])
        let other = Narrowing(nodes: [1, 2], storage: [Self.disk("b", read: 1), Self.disk("a", read: 7, write: 8)])
        let met = Narrowing(
            nodes: [1], pids: Quantity(64), storage: [Self.disk("a", read: 5, write: 8), Self.disk("b", read: 1)])
        #expect(one.meet(other) == met)
        #expect(other.meet(one).nodes == [1] && other.meet(one).pids == Quantity(64))
        #expect(one.meet(Narrowing()) == one && Narrowing().meet(one) == one && one.meet(one) == one)
        #expect(one.meet(Narrowing(nodes: [7])).nodes == [])
    }

    @Test("leaves of a grant the tighter of each value, and adds nothing to it")
    func grant() throws {
        let narrowing = Narrowing(
            nodes: [1, 2], pids: Quantity(64), storage: [Self.disk("a", read: 5), Self.disk("b", read: 5)])
        let grant = Grant(
            [
                Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [0, 1], nodes: [0, 1]),
                Hold(.memory, amount: Quantity(9), limit: Quantity(9)),
                Hold(.pids, amount: Quantity(10), limit: Quantity(100)),
            ], storage: [Self.disk("a", read: 9, write: 3)])
        let narrowed = grant.narrowed(by: narrowing)
        #expect(narrowed[.cpu]?.nodes == [1] && narrowed[.memory]?.nodes == [1])
        #expect(narrowed[.pids]?.limit == Quantity(64) && narrowed[.pids]?.amount == Quantity(10))
        #expect(narrowed.storage == [Self.disk("a", read: 5, write: 3)])
        #expect(narrowed.narrowed(by: narrowing) == narrowed)
        #expect(grant.narrowed(by: Narrowing()) == grant)
        var lower = grant
        lower.holds[2].limit = Quantity(20)
        #expect(lower.narrowed(by: narrowing)[.pids]?.limit == Quantity(20))
        #expect(Grant().narrowed(by: narrowing) == Grant())
        #expect(
            Grant([Hold(.pids, amount: Quantity(70), limit: nil)]).narrowed(by: narrowing)[.pids]?.limit == Quantity(64)
        )
    }

    @Test("is of the nodes of memory, which are those asked for it before those of its CPUs")
    func nodes() {
        func grant(cpu: CPUSet?, memory: CPUSet?) -> Grant {
            Grant([
                Hold(.cpu, amount: Quantity(1000), limit: nil, cpus: cpu.map { _ in [0] }, nodes: cpu ?? [3]),
                Hold(.memory, amount: Quantity(1), limit: nil, nodes: memory),
            ])
        }
        for (cpu, memory, narrowed, expected) in [
            (nil, nil, nil, nil), (nil, nil, [1], [1]), ([0], nil, nil, [0]), ([0, 1], nil, [1], [1]),
            (nil, [1], [1, 2], [1]), ([0], [1], nil, [1]), ([0], [1], [0, 1], [1]), (nil, [1], [0], [1]),
        ] as [(CPUSet?, CPUSet?, CPUSet?, CPUSet?)] {
            let grant = grant(cpu: cpu, memory: memory)
            #expect(grant.memoryNodes(Narrowing(nodes: narrowed)) == expected)
        }
    }

    @Test("counts as long as the reservation has the type")
    func reservation() throws {
        let (one, other) = (try #require(ResourceType("a.b/c")), try #require(ResourceType("a.b/d")))
        let hold = Hold(one, amount: Quantity(1), limit: nil)
        var reservation = Reservation(
            id: ReservationID(bits: 1), user: 1, request: ReservationRequest(resources: Resources()),
            grant: Grant([hold]), retry: nil, createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        reservation.provisions = [
            one: Provision(cgroup: Narrowing(pids: Quantity(5))),
            other: Provision(cgroup: Narrowing(pids: Quantity(3))),
        ]
        #expect(reservation.narrowings(for: reservation.grant) == [one: Narrowing(pids: Quantity(5))])
        var both = reservation.grant
        both.holds.append(Hold(other, amount: Quantity(1), limit: nil))
        #expect(reservation.narrowings(for: both).met == Narrowing(pids: Quantity(3)))
        #expect(try Reservation.storedReader.read(reservation.stored) == reservation)
    }
}
