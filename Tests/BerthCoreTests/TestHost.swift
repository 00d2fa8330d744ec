import BerthCore
import BerthJSON
import BerthModel

/// A host to decide on: two packages, each a NUMA node with an L3 and two cores of two threads; two GPUs, two NICs, a disk.
enum TestHost {
    static func capacity(
        reservedCPU: Int64 = 0, cpu: Int64 = 8000, memory: Int64 = 1000, pids: Int64? = 500
    ) throws -> Capacity {
        let places = (0..<8).map { cpu in
            CPUTopology.Place(cpu: cpu, core: cpu / 2, l3: cpu / 4, die: cpu / 4, package: cpu / 4, node: cpu / 4)
        }
        return Capacity(
            topology: try CPUTopology(places), cpu: Quantity(cpu), memory: Quantity(memory),
            nodeMemory: [0: Quantity(memory / 2), 1: Quantity(memory / 2)], pids: pids.map { Quantity($0) },
            reservedCPU: Quantity(reservedCPU),
            gpus: [
                Capacity.Unit(name: "gpu0", capacity: Quantity(1000), node: 0, capabilities: ["model": "A"]),
                Capacity.Unit(name: "gpu1", capacity: Quantity(1000), node: 1, capabilities: ["model": "B"]),
            ],
            interfaces: [
                Capacity.Unit(name: "eth0", capacity: Quantity(1000), node: 0),
                Capacity.Unit(name: "eth1", capacity: Quantity(1000), failure: "no link"),
            ],
            disks: [
                Capacity.Disk(name: "sda", partitions: ["sda1"], rates: StorageRates(write: Quantity(100))),
                Capacity.Disk(name: "sdb"),
            ])
    }

    static func state(_ capacity: Capacity) -> State {
        var state = State()
        state.apply(.booted(boot: "b"), at: Timestamp(milliseconds: 0))
        state.apply(.capacityChanged(capacity), at: Timestamp(milliseconds: 0))
        return state
    }
}

extension Policies {
    /// Of a host without other pools.
    init(host: Policy) {
        var pools = State()
        pools.say(host)
        self = pools.policies
    }
}

extension NamedGroup {
    /// Groups by name, each with a number of its own.
    static func some(_ names: String...) -> [NamedGroup] {
        names.enumerated().map { NamedGroup(name: $1, number: UInt32($0) + 1) }
    }
}

extension State {
    /// Decides and applies at a moment.
    @discardableResult
    mutating func run(_ command: Command, at uptime: Int64 = 0) -> Decision {
        let now = Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime)
        let decision = decide(command, now)
        for change in decision.changes { apply(change, at: now.wall) }
        return decision
    }

    /// Who goes first on the host, as it was last said.
    var policy: Policy { policies.host }

    /// Has a pool say who goes first in it from now on.
    mutating func say(_ policy: Policy?, in name: PoolName = .standard, at uptime: Int64 = 0) {
        var pool = pools[name] ?? Pool(name)
        pool.policy = policy
        run(.setPool(pool), at: uptime)
    }

    /// Reserves for a user; nil where it is refused.
    @discardableResult
    mutating func reserve(
        _ number: UInt64, _ asks: [Ask], storage: [StorageAsk] = [], user: UInt32 = 1, lease: Duration? = nil,
        end: ReservationRequest.End? = nil, labels: [String: String] = [:], caps: Caps = Caps(),
        strategy: Strategy? = nil, same: Same? = nil, at uptime: Int64 = 0
    ) -> Refusal? {
        let request = ReservationRequest(
            resources: Resources(asks, storage: storage), lease: lease, end: end, labels: labels, strategy: strategy,
            same: same)
        let caller = Caller(user: user, isAdmin: false, caps: caps)
        return run(.reserve(ReservationID(bits: number), request, caller, nil), at: uptime).answer.refusal
    }
}

extension Answer {
    /// Why not; nil where it was no refusal.
    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

extension Refusal {
    /// The types that are short.
    var shortTypes: [ResourceType] {
        if case .insufficient(let shortfalls, _) = self { shortfalls.map(\.type) } else { [] }
    }
}

func id(_ number: UInt64) -> ReservationID { ReservationID(bits: number) }
let user = Caller(user: 1, isAdmin: false, caps: Caps())
let other = Caller(user: 2, isAdmin: false, caps: Caps())
let admin = Caller(user: 0, isAdmin: true, caps: Caps())

extension State {
    /// Reserves and waits where there is no room; nil unless it is refused.
    @discardableResult
    mutating func queue(
        _ number: UInt64, _ asks: [Ask], user: UInt32 = 1, lease: Duration? = nil, wait: Duration = .seconds(3600),
        priority: Int = 0, caps: Caps = Caps(), attachesCaller: Bool = false, at uptime: Int64 = 0
    ) -> Refusal? {
        let request = ReservationRequest(
            resources: Resources(asks), lease: lease, attachesCaller: attachesCaller, wait: wait, priority: priority)
        let caller = Caller(user: user, isAdmin: false, caps: caps)
        return run(.reserve(ReservationID(bits: number), request, caller, nil), at: uptime).answer.refusal
    }

    /// Those who wait, the first of them first.
    func inOrder(at uptime: Int64) -> [Reservation] {
        standings(Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime))
            .sorted { $0.value.position ?? .max < $1.value.position ?? .max }.compactMap { waiters[$0.key] }
    }

    /// Releases and frees, then grants what can be granted to those who wait.
    mutating func end(_ number: UInt64, at uptime: Int64) {
        let reservation = ReservationID(bits: number)
        run(.release(reservation, Caller(user: 0, isAdmin: true, caps: Caps())), at: uptime)
        run(.noteFreed(reservation, nil), at: uptime)
        run(.admit(depth: State.admitDepth), at: uptime)
    }
}

extension State {
    /// A state on which a log was replayed, as the ledger gives it back.
    static func replaying(_ log: [(Event.Change, Timestamp)], on capacity: Capacity) throws -> State {
        var state = TestHost.state(capacity)
        for (change, time) in log {
            let event = Event(id: 1, at: time, change: change)
            let stored = try JSONValue(parsing: change.stored.description)
            state.apply(
                try Event.Change(named: event.name, reservation: event.reservation, stored: stored), at: time)
        }
        return state
    }
}

extension Reservation {
    /// The same as the ledger gives it back.
    func storedAndRead() throws -> Reservation {
        try Reservation.storedReader.read(try JSONValue(parsing: stored.description))
    }
}
