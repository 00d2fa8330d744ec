import BerthModel
import Testing

@testable import BerthCore

@Suite("The bounds of what plugins narrow") struct NarrowingBoundsTests {
    private static func disk(_ name: String, read: Int64? = nil, write: Int64? = nil) -> StorageAsk {
        StorageAsk(
            device: name, rates: StorageRates(read: read.map { Quantity($0) }, write: write.map { Quantity($0) }))
    }

    private static let granted = Grant(
        [
            Hold(.memory, amount: Quantity(9), limit: nil, nodes: [1]),
            Hold(.pids, amount: Quantity(10), limit: Quantity(100)),
        ], storage: [disk("sda", write: 50)])

    private func bounds(
        _ grant: Grant, user: UInt32 = 1, others: [Narrowing] = [], nodes: Bool = true
    ) throws -> NarrowingBounds {
        var grant = grant
        var reservation = Reservation(
            id: ReservationID(bits: 1), user: user, request: ReservationRequest(resources: Resources()), grant: grant,
            retry: nil, createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        for (index, narrowing) in others.enumerated() {
            let type = try #require(ResourceType("a.b/t\(index)"))
            grant.holds.append(Hold(type, amount: Quantity(1), limit: nil))
            reservation.provisions[type] = Provision(cgroup: narrowing)
        }
        reservation.grant = grant
        var capacity = try TestHost.capacity()
        if !nodes { capacity.nodeMemory = [:] }
        // What the plugin itself said before is no bound.
        return NarrowingBounds(reservation, besides: try #require(ResourceType("a.b/t0")), on: capacity)
    }

    @Test("are what was granted, and where nothing was, what there is")
    func within() throws {
        let cases: [(Grant, UInt32, Narrowing)] = [
            (Self.granted, 1, Narrowing()), (Self.granted, 1, Narrowing(nodes: [1], pids: Quantity(100))),
            (Self.granted, 1, Narrowing(storage: [Self.disk("sda", read: 999, write: 50)])),
            (Grant(), 1, Narrowing(nodes: [0, 1], pids: Quantity(4096))), (Grant(), 1, Narrowing(nodes: [0])),
            (Grant(), 0, Narrowing(pids: Quantity(1 << 22))),
            (Grant(), 1, Narrowing(storage: [Self.disk("sda", write: 999), Self.disk("sdb", read: 1)])),
        ]
        for (grant, user, narrowing) in cases {
            #expect(try bounds(grant, user: user).narrowing(narrowing) == narrowing)
        }
        #expect(try bounds(Grant(), nodes: false).narrowing(Narrowing(nodes: [0])) == Narrowing(nodes: [0]))
    }

    @Test("take a partition for the disk that it is on")
    func partition() throws {
        let wanted = Narrowing(storage: [Self.disk("sda1", write: 5)])
        #expect(try bounds(Grant()).narrowing(wanted) == Narrowing(storage: [Self.disk("sda", write: 5)]))
    }

    @Test("refuse what is looser, and what is not there, with the value and what it may be")
    func beyond() throws {
        let cases: [(Grant, Narrowing, String)] = [
            (Self.granted, Narrowing(nodes: [0]), "cpuset.mems 0, and the reservation's memory is of 1"),
            (Self.granted, Narrowing(nodes: [0, 1]), "cpuset.mems 0-1, and the reservation's memory is of 1"),
            (Grant(), Narrowing(nodes: [2]), "cpuset.mems 2, and the reservation's memory is of 0-1"),
            (Self.granted, Narrowing(pids: Quantity(101)), "pids.max 101, and 100 were granted"),
            (Grant(), Narrowing(pids: Quantity(4097)), "pids.max 4097, and 4096 are the most where none are asked"),
            (
                Self.granted, Narrowing(storage: [Self.disk("sda1", write: 51)]),
                "io.max of sda write 51B/s, and 50B/s was granted"
            ),
            (Grant(), Narrowing(storage: [Self.disk("sdz", write: 1)]), "io.max of \"sdz\", and there is no such disk"),
            (
                Grant(), Narrowing(storage: [Self.disk("sda", write: 1), Self.disk("sda1", read: 1)]),
                "io.max of sda twice"
            ),
        ]
        for (grant, narrowing, reason) in cases {
            let error = #expect(throws: NarrowingBounds.Passed.self) { try bounds(grant).narrowing(narrowing) }
            #expect(error?.reason == "it gives \(reason)")
        }
    }

    @Test("leave room for others: two may narrow the same, but not to nothing")
    func others() throws {
        let own = Narrowing(nodes: [7], pids: Quantity(1))
        let other = Narrowing(nodes: [0], pids: Quantity(5))
        let both = try bounds(Grant(), others: [own, other])
        #expect(try both.narrowing(Narrowing(nodes: [0, 1], pids: Quantity(9))).pids == Quantity(9))
        let error = #expect(throws: NarrowingBounds.Passed.self) { try both.narrowing(Narrowing(nodes: [1])) }
        #expect(error?.reason == "it gives cpuset.mems 1, and another plugin 0: no node is in both")
    }
}
