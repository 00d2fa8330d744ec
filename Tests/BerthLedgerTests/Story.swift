import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Foundation

@testable import BerthLedger

/// A folder of its own for a test, that goes with it.
final class TemporaryFolder: Sendable {
    let path: String
    var file: String { path + "/berth.db" }

    init() {
        path = NSTemporaryDirectory() + "berth-ledger-" + UUID().uuidString
    }

    deinit {
        // A ledger that was let go of may just be closing its files.
        for _ in 0..<20 where FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(atPath: path)
            usleep(5000)
        }
    }

    /// The names of what is in it.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// An endless history of a host, the same every time: which event has which number is fixed, so that what a ledger
/// holds can be checked from nothing but numbers. Some ten reservations are held at any time.
struct Story {
    private(set) var state = State()
    private(set) var last: Int64 = 0
    private(set) var lastEvent: Event?
    /// After which number its events are counted.
    private var before: Int64 = 0

    /// The history up to an event.
    init(through last: Int64 = 0) {
        while self.last < last { _ = next() }
    }

    /// The same history from its beginning, in a ledger that counts from another number on.
    init(after before: Int64) { (self.before, last) = (before, before) }

    /// The next so many events, with the reservations that end in them, as the agent hands them over.
    mutating func batch(_ count: Int = 1, snapshot: Bool = false) -> LedgerBatch {
        var batch = LedgerBatch(events: [])
        for _ in 0..<count {
            let (event, ended) = next()
            batch.events.append(event)
            if let ended { batch.ended.append(ended) }
        }
        if snapshot { batch.snapshot = self.snapshot }
        return batch
    }

    /// The state as the agent would have it kept.
    var snapshot: Snapshot {
        Snapshot(
            event: last, capacity: state.capacity, boot: state.boot, reservations: Array(state.reservations.values),
            memory: state.accounts.memory)
    }

    private mutating func next() -> (Event, Reservation?) {
        last += 1
        var event = Story.event(last - before)
        event.id = last
        var ended: Reservation?
        if let id = event.reservation { event.user = state.reservations[id]?.user ?? Story.user(of: id) }
        if case .freed(let id, _) = event.change { ended = state.reservations[id] }
        state.apply(event.change, at: event.at)
        lastEvent = event
        return (event, ended)
    }

    /// Everything from the beginning through an event.
    static func batch(through last: Int64) -> LedgerBatch {
        var story = Story()
        return story.batch(Int(last))
    }

    /// One event a minute.
    static func time(_ number: Int64) -> Timestamp { Timestamp(milliseconds: 1_764_000_000_000 + number * 60_000) }

    private static func event(_ number: Int64) -> Event {
        let round = (number - 1) / 6
        // Steps of one life, each so many rounds after its grant.
        let delays: [Int64] = [0, 1, 2, 5, 7, 9]
        let step = Int((number - 1) % 6)
        let one = round - delays[step]
        let id = reservationID(one)
        let process = ProcessIdentity(pid: Int32(1000 + one), startTicks: UInt64(7 * number), boot: "boot")
        let change: Event.Change
        switch (step, one) {
        case (_, ..<0): change = number == 2 ? .capacityChanged(capacity) : .booted(boot: "boot \(number)")
        case (0, _): change = .granted(reservation(one))
        case (1, _): change = .enforced(id, [Receipt(.memory, status: .advisory, reason: "no cgroup")])
        case (2, _): change = .attached(id, process)
        case (3, _):
            change = .exited(id, ProcessIdentity(pid: process.pid, startTicks: UInt64(7 * (number - 19)), boot: "boot"))
        case (4, _): change = .ended(id, one % 3 == 0 ? .failed : .released, one % 3 == 0 ? .enforcement : .lastProcess)
        default: change = .freed(id, nil)
        }
        return Event(id: number, at: time(number), change: change)
    }

    /// Ids in no order, as random ones are.
    static func reservationID(_ number: Int64) -> ReservationID {
        ReservationID(bits: UInt64(bitPattern: number &+ 1) &* 0x9E37_79B9_7F4A_7C15)
    }

    static func user(of id: ReservationID) -> UInt32 { UInt32(1000 + id.bits % 2) }

    static func reservation(_ number: Int64) -> Reservation {
        let id = reservationID(number)
        let request = ReservationRequest(
            name: "build \"\(number)\"", resources: Resources(), lease: number % 2 == 0 ? nil : .seconds(600),
            labels: ["job": "\(number)", "branch": "Ölfaß"])
        let grant = Grant([
            Hold(.cpu, amount: Quantity(2000), limit: nil, asked: Quantity(1500), cpus: CPUSet([2, 3])),
            Hold(.memory, amount: Quantity(4 << 30), limit: Quantity(8 << 30), constraints: ["numa": 0]),
        ])
        return Reservation(
            id: id, user: user(of: id), request: request, grant: grant,
            retry: RetryKey(key: "key \(number)", digest: UInt64.max - UInt64(clamping: number)),
            createdAt: time(6 * number + 1), expiresAt: number % 2 == 0 ? nil : time(6 * number + 11),
            deadline: 1000 + number)
    }

    /// One that was promised a start.
    static let promised: Reservation = {
        let grant = Grant([Hold(.gpu, amount: Quantity(1000), limit: nil)])
        var request = ReservationRequest(
            resources: Resources([Ask(.gpu, amount: Quantity(1000))]), lease: .seconds(60))
        request.start = time(500)
        var promised = Reservation(
            id: reservationID(7777), user: 1000,
            waiting: Waiting(request: request, caps: Caps(reservations: 7, lease: .seconds(60))), retry: nil,
            createdAt: time(1), expiresAt: time(501), deadline: 5)
        promised.deadline = nil
        promised.waiting?.booking = Booking(
            start: time(500), end: time(501), grant: grant, alternative: 1,
            choice: UnitChoice(strategy: .optimized, isExact: true, nodes: 1))
        return promised
    }()

    /// Maintenance, in the order of names.
    static let windows: [MaintenanceWindow] = {
        var covers = Withheld()
        covers.types = [.cpu]
        covers.units = [.gpu: ["0000:65:00.0", "0000:66:00.0"]]
        return [
            MaintenanceWindow(id: "all", start: time(5), end: time(9), reason: "new \"firmware\""),
            MaintenanceWindow(id: "night", start: time(6), end: time(7), isWeekly: true, covers: covers),
        ]
    }()

    static let capacity: Capacity = {
        let places = (0..<8).map { CPUTopology.Place(cpu: $0, core: $0 / 2, l3: 0, die: 0, package: 0, node: $0 / 4) }
        guard let topology = try? CPUTopology(places, distances: [[10, 21], [21, 10]]) else {
            preconditionFailure("each CPU is there once")
        }
        return Capacity(
            topology: topology, cpu: Quantity(8000), memory: Quantity(64 << 30),
            nodeMemory: [0: Quantity(32 << 30), 1: Quantity(32 << 30)], pids: Quantity(32768),
            reservedCPU: Quantity(500), reservedMemory: Quantity(1 << 30),
            gpus: [
                Capacity.Unit(
                    name: "0000:65:00.0", capacity: Quantity(1000), node: 1,
                    capabilities: ["vendor": "10de", "uuid": "GPU-8"], failure: "it fell off the bus")
            ], interfaces: [Capacity.Unit(name: "eth0", capacity: Quantity(25_000_000_000))],
            disks: [Capacity.Disk(name: "nvme0n1", partitions: ["nvme0n1p1"], rates: StorageRates(read: Quantity(9)))])
    }()
}

extension LedgerContents {
    /// The state that the agent makes of what it is given.
    var state: State {
        var state = State()
        if let capacity = snapshot.capacity { state.apply(.capacityChanged(capacity), at: Story.time(0)) }
        if let boot = snapshot.boot { state.apply(.booted(boot: boot), at: Story.time(0)) }
        state.restore(snapshot.reservations, snapshot.memory)
        for event in events { state.apply(event.change, at: event.at) }
        return state
    }

    /// The id that the next event does not get.
    var last: Int64 { events.last?.id ?? snapshot.event }
}

extension State {
    /// Whether the same things are held on the same host.
    func isLike(_ other: State) -> Bool {
        capacity == other.capacity && boot == other.boot && reservations == other.reservations
            && accounts == other.accounts
    }
}

extension Ledger {
    /// Stores a batch, and waits until that is done.
    func storeAndWait(_ batch: LedgerBatch) async throws(LedgerError) {
        let result = await withCheckedContinuation { continuation in
            store(batch) { continuation.resume(returning: $0) }
        }
        try result.get()
    }
}
