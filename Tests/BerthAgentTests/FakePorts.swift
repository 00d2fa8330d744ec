import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Foundation
import Synchronization

/// A disk that outlives agents: what was stored before a crash is there after it.
final class Disk: Sendable {
    struct Content {
        var events: [Event] = []
        var ended: [ReservationID: Reservation] = [:]
        var snapshot = Snapshot()
        /// So many more batches are stored; then every one fails until it is loaded again. Nil stores all.
        var batchesLeft: Int?
        var isFailed = false
        /// Why all of it is lost from the next load on; nil where it is not.
        var damage: String?
        /// Whether nothing can be stored, whatever is loaded.
        var isFull = false
    }

    let content = Mutex(Content())
}

/// A ledger on such a disk. It answers from a queue of its own, so that answers come later and in order.
final class FakeLedger: Ledger {
    let disk: Disk
    private let queue = DispatchQueue(label: "ledger")
    /// A crashed agent's ledger stores and answers nothing any more.
    private let isCrashed = Mutex(false)
    private let isHeld = Mutex(false)

    init(_ disk: Disk) { self.disk = disk }

    /// Under the disk's lock: what is being stored is stored, and nothing after it, when this returns.
    func crash() { disk.content.withLock { _ in isCrashed.withLock { $0 = true } } }

    /// Stores nothing until it is let go; what is stored can be read.
    func hold() {
        isHeld.withLock { $0 = true }
        queue.suspend()
    }

    func letGo() {
        isHeld.withLock { $0 = false }
        queue.resume()
    }

    func load() async throws(LedgerError) -> LedgerContents {
        disk.content.withLock { content in
            content.isFailed = false
            content.batchesLeft = nil
            if let damage = content.damage {
                return LedgerContents(epoch: "f", snapshot: Snapshot(), events: [], setAside: damage)
            }
            let events = content.events.filter { $0.id > content.snapshot.event }
            return LedgerContents(epoch: "e", snapshot: content.snapshot, events: events, setAside: nil)
        }
    }

    func store(_ batch: LedgerBatch, whenStored: @escaping @Sendable (Result<Void, LedgerError>) -> Void) {
        queue.async { [self] in
            let result: Result<Void, LedgerError>? = disk.content.withLock { content in
                guard !isCrashed.withLock({ $0 }) else { return nil }
                if content.batchesLeft == 0 || content.isFull { content.isFailed = true }
                guard !content.isFailed else { return .failure(LedgerError("the disk is full")) }
                content.batchesLeft = content.batchesLeft.map { $0 - 1 }
                content.events += batch.events
                for reservation in batch.ended { content.ended[reservation.id] = reservation }
                if let snapshot = batch.snapshot { content.snapshot = snapshot }
                return .success(())
            }
            if let result { whenStored(result) }
        }
    }

    func events(after id: Int64, limit: Int) async throws(LedgerError) -> [Event] {
        disk.content.withLock { content in Array(content.events.filter { $0.id > id }.prefix(limit)) }
    }

    func oldest() async throws(LedgerError) -> Int64 { 0 }

    /// Waits for what was handed over before.
    private func settle() async {
        guard !isHeld.withLock({ $0 }) else { return }
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    func ended(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        await settle()
        return disk.content.withLock { $0.ended[id] }
    }

    func ended(state: Reservation.State?, user: UInt32?, limit: Int) async throws(LedgerError) -> [Reservation] {
        await settle()
        return disk.content.withLock { content in
            content.ended.values.filter { state == nil || $0.state == state }.filter { user == nil || $0.user == user }
        }
    }

    func ended(user: UInt32, retry key: String) async throws(LedgerError) -> Reservation? {
        await settle()
        return disk.content.withLock { content in content.ended.values.first { $0.user == user && $0.retry?.key == key }
        }
    }
}

/// Processes that live until a test ends them.
final class FakeProcesses: Processes, Sendable {
    struct Handle: ProcessHandle {
        var identity: ProcessIdentity
        var users: ProcessUsers
        var life: @Sendable () -> Bool
        var isAlive: Bool { life() }
    }

    struct Table {
        var live: [Int32: Handle] = [:]
        var watchers: [Int32: [@Sendable () -> Void]] = [:]
    }

    let table = Mutex(Table())

    func start(_ pid: Int32, user: UInt32 = 1, saved: UInt32? = nil) {
        table.withLock {
            $0.live[pid] = Handle(
                identity: ProcessIdentity(pid: pid, startTicks: UInt64(pid), boot: "b"),
                users: ProcessUsers(real: user, effective: user, saved: saved ?? user),
                life: { [weak self] in self?.table.withLock { $0.live[pid] != nil } ?? false })
        }
    }

    func end(_ pid: Int32) {
        let watchers = table.withLock { table in
            table.live[pid] = nil
            return table.watchers.removeValue(forKey: pid) ?? []
        }
        for watcher in watchers { watcher() }
    }

    /// Calls at once for a process that is gone.
    func watch(_ pid: Int32, _ body: @escaping @Sendable () -> Void) {
        let isGone = table.withLock { table in
            guard table.live[pid] != nil else { return true }
            table.watchers[pid, default: []].append(body)
            return false
        }
        if isGone { body() }
    }

    func process(_ pid: Int32) throws(AttachError) -> any ProcessHandle {
        guard let handle = table.withLock({ $0.live[pid] }) else { throw .gone(pid: pid) }
        return handle
    }

    func process(_ identity: ProcessIdentity) throws(AttachError) -> (any ProcessHandle)? {
        table.withLock { $0.live[identity.pid] }.flatMap { $0.identity == identity ? $0 : nil }
    }
}

/// An enforcer that notes what it was asked, and holds nothing.
final class FakeEnforcer: Enforcer, Sendable {
    let processes: FakeProcesses
    /// What it says of every type.
    let status: Receipt.Status
    /// Reservations that it was told to end.
    let ended = Mutex<[ReservationID]>([])

    init(_ processes: FakeProcesses, status: Receipt.Status = .unsupported) {
        self.processes = processes
        self.status = status
    }

    /// Leaves that are there at the start.
    let found = Mutex<[FoundLeaf]>([])
    /// Reservations whose leaf has processes besides those that are attached.
    let populated = Mutex<Set<ReservationID>>([])
    /// Processes that are outside of every leaf; nil where nobody can tell.
    let strangers = Mutex<Set<Int32>?>([])
    /// What no end gets rid of.
    let unkillable = Mutex<Quarantine?>(nil)
    /// What the next enforcement or resize comes to, in place of receipts.
    let failure = Mutex<EnforcementError?>(nil)
    /// What the reservations are called that cannot be held.
    let unheld = Mutex<String?>(nil)
    /// What leaves were brought to.
    let resizes = Mutex<[Grant]>([])
    /// What plugins narrow of the leaves that were enforced, in order.
    let narrowings = Mutex<[Narrowing]>([])
    /// Whom to tell that a leaf is empty.
    let whenEmptied = Mutex<(@Sendable (ReservationID) -> Void)?>(nil)

    func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf] {
        self.whenEmptied.withLock { $0 = whenEmptied }
        return found.withLock { $0 }
    }

    /// Leaves at which nothing can be read.
    let unreadable = Mutex<Set<ReservationID>>([])
    /// What is noted at leaves.
    let notes = Mutex<[ReservationID: Reservation]>([:])

    func noted(at id: ReservationID) async throws(EnforcementError) -> Reservation? {
        if unreadable.withLock({ $0.contains(id) }) { throw .kernel("cannot read it", []) }
        return notes.withLock { $0[id] }
    }

    func use(_ capacity: Capacity) async {}

    func watch(
        _ process: any ProcessHandle, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) { processes.watch(process.identity.pid, whenExited) }

    func path(of reservation: Reservation) -> String? { "/leaf/\(reservation.id)" }

    func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        await Task.yield()
        if let failure = failure.withLock({ $0 }) { throw failure }
        if unheld.withLock({ $0 != nil && $0 == reservation.name }) { throw .kernel("EBUSY", []) }
        narrowings.withLock { $0.append(reservation.narrowings(for: reservation.grant).met) }
        return reservation.grant.holds.map { Receipt($0.type, status: status, reason: "a test") }
    }

    /// Processes with memory that no leaf holds.
    let burdened = Mutex<Set<Int32>>([])

    func receipts(
        with process: any ProcessHandle, in reservation: Reservation
    ) async throws(AttachError) -> [Receipt] {
        guard burdened.withLock({ $0.contains(process.identity.pid) }) else { return reservation.receipts }
        return reservation.receipts.map { Receipt($0.type, status: .advisory, reason: "a burden") }
    }

    func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] {
        await Task.yield()
        if let failure = failure.withLock({ $0 }) {
            if case .inUse = failure, force {} else { throw failure }
        }
        resizes.withLock { $0.append(grant) }
        return grant.holds.map { Receipt($0.type, status: status, reason: "a test") }
    }

    func mark(_ reservation: Reservation) async throws(EnforcementError) {}

    func outside(
        _ processes: [any ProcessHandle], of reservation: Reservation
    ) async -> Set<ProcessIdentity>? {
        await Task.yield()
        return strangers.withLock { strangers in
            strangers.map { pids in
                Set(processes.filter { pids.contains($0.identity.pid) && $0.isAlive }.map(\.identity))
            }
        }
    }

    func look(at reservation: Reservation) async -> LeafState {
        LeafState(isEmpty: !populated.withLock { $0.contains(reservation.id) })
    }

    /// Empties a leaf, as its last process does.
    func empty(_ id: ReservationID) {
        populated.withLock { _ = $0.remove(id) }
        whenEmptied.withLock { $0 }?(id)
    }

    /// What is in use outside.
    let use = Mutex<HostUse?>(nil)

    func hostUse() async -> HostUse? { use.withLock { $0 } }

    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) -> [Receipt] {
        await Task.yield()
        processes.watch(process.identity.pid, whenExited)
        strangers.withLock { _ = $0?.remove(process.identity.pid) }
        return reservation.receipts
    }

    func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf {
        await Task.yield()
        ended.withLock { $0.append(id) }
        return EndedLeaf(usage: Usage(cpuMicroseconds: 1), quarantine: unkillable.withLock { $0 })
    }

    func usage(of reservation: Reservation) async -> Usage? { Usage(pids: 1) }
}

/// Plugins that note what they are asked.
final class FakeProviders: Providers {
    /// What was asked, in order: `allocate TYPE UNITS`, `release TYPE`.
    let asked = Mutex<[String]>([])
    /// Types whose plugin fails.
    let failing = Mutex<Set<String>>([])
    /// Done once, while a plugin allocates.
    let meanwhile = Mutex<(@Sendable () async -> Void)?>(nil)
    /// Folders that every type has.
    let folders = Mutex<[SizedFolder]>([])
    /// What each type's plugin narrows, by name.
    let narrowings = Mutex<[String: Narrowing]>([:])

    func allocate(
        _ hold: Hold, of reservation: Reservation, within bounds: NarrowingBounds
    ) async throws(ProviderFailure) -> Provision {
        let units = hold.units.map(\.name).joined(separator: ",")
        asked.withLock { $0.append("allocate \(hold.type) \(units)") }
        await Task.yield()
        let meanwhile = meanwhile.withLock { meanwhile in
            defer { meanwhile = nil }
            return meanwhile
        }
        await meanwhile?()
        guard !failing.withLock({ $0.contains(hold.type.name) }) else { throw ProviderFailure("it is empty") }
        let wanted = narrowings.withLock { $0[hold.type.name] ?? Narrowing() }
        do throws(NarrowingBounds.Passed) {
            return Provision(
                environment: ["UNITS": units], folders: folders.withLock { $0 }, cgroup: try bounds.narrowing(wanted))
        } catch {
            throw ProviderFailure(error.reason)
        }
    }

    func release(_ type: ResourceType, of reservation: Reservation) async {
        let folders = reservation.provisions[type]?.folders.map { " \($0.name)" }.joined() ?? ""
        asked.withLock { $0.append("release \(type)\(folders)") }
    }

    /// What plugins find wrong with requests for a type.
    let violations = Mutex<[String: [Violation]]>([:])

    func check(_ ask: Ask) async throws(ProviderFailure) -> [Violation] {
        await Task.yield()
        return violations.withLock { $0[ask.type.name] ?? [] }
    }

    func usage(of type: ResourceType, by reservation: ReservationID) async -> JSONObject? {
        await Task.yield()
        return ["of": .string(type.name)]
    }
}

/// Validators that do as a test says.
final class FakeValidators: Validators {
    struct Content: Sendable {
        var isEmpty = true
        var amendments: [Amendment] = []
        var violations: [Violation] = []
        var failure: ValidatorFailure?
        /// What was asked for a verdict, in order.
        var asked: [Question] = []
        /// Done once, while they look.
        var meanwhile: (@Sendable () async -> Void)?
    }

    let content = Mutex(Content())

    var isEmpty: Bool { content.withLock { $0.isEmpty } }

    func amend(
        _ question: Question
    ) async throws(ValidatorFailure) -> (request: JSONObject, amendments: [Amendment]) {
        await Task.yield()
        var request = JSONValue.object(question.request)
        let amendments = content.withLock { $0.amendments }
        for amendment in amendments {
            guard let pointer = try? JSONPointer(parsing: amendment.pointer) else { continue }
            _ = request.set(amendment.value, at: pointer)
        }
        guard case .object(let object) = request else { return (question.request, []) }
        return (object, amendments)
    }

    func violations(_ question: Question) async throws(ValidatorFailure) -> [Violation] {
        let meanwhile = content.withLock { content in
            content.asked.append(question)
            defer { content.meanwhile = nil }
            return content.meanwhile
        }
        await meanwhile?()
        if let failure = content.withLock({ $0.failure }) { throw failure }
        return content.withLock { $0.violations }
    }
}

/// A clock that a test moves.
final class FakeClock: Clock, Sendable {
    struct Face {
        var uptime: Int64 = 1000
        var alarm: Int64?
        var body: (@Sendable () -> Void)?
    }

    let face = Mutex(Face())

    func now() -> Now {
        face.withLock { Now(wall: Timestamp(milliseconds: 1_700_000_000_000 + $0.uptime), uptime: $0.uptime) }
    }

    func wake(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) {
        face.withLock {
            $0.alarm = uptime
            $0.body = body
        }
    }

    /// Moves time on, and rings where an alarm is due.
    func advance(_ milliseconds: Int64) {
        let body = face.withLock { face in
            face.uptime += milliseconds
            guard let alarm = face.alarm, alarm <= face.uptime else { return nil as (@Sendable () -> Void)? }
            face.alarm = nil
            return face.body
        }
        body?()
    }
}

/// Ids one after the other.
final class FakeIDs: IDSource, Sendable {
    private let last: Mutex<UInt64>

    init(from first: UInt64 = 1) { last = Mutex(first) }

    func next() -> ReservationID {
        last.withLock { last in
            last += 1
            return ReservationID(bits: last)
        }
    }
}

/// An agent with its fakes.
struct Bench: Sendable {
    let ledger: FakeLedger
    let processes = FakeProcesses()
    let enforcer: FakeEnforcer
    let providers = FakeProviders()
    let validators = FakeValidators()
    let clock = FakeClock()
    let agent: Agent

    static let roles = Roles(
        members: [
            .admin: .init(users: [0]), .submit: .init(users: [1, 2], groups: [50]), .observe: .init(users: [3]),
        ],
        others: nil, caps: Caps(reservations: 20, lease: .seconds(3600)))

    /// What a ledger that was lost was lost for.
    let losses = Losses()

    /// Notes losses of the ledger.
    final class Losses: Sendable {
        let all = Mutex<[String]>([])
    }

    init(disk: Disk = Disk(), firstID: UInt64 = 1, status: Receipt.Status = .unsupported) {
        ledger = FakeLedger(disk)
        enforcer = FakeEnforcer(processes, status: status)
        agent = Agent(
            ports: Agent.Ports(
                ledger: ledger, enforcer: enforcer, providers: providers, validators: validators,
                processes: processes, clock: clock,
                ids: FakeIDs(from: firstID)),
            roles: Bench.roles,
            whenLedgerIsLost: { [losses] loss in losses.all.withLock { $0.append(loss) } })
    }

    @discardableResult
    func start() async throws -> StartReport { try await agent.start(capacity: Bench.capacity(), boot: "b") }

    static func capacity() throws -> Capacity {
        let places = (0..<4).map { CPUTopology.Place(cpu: $0, core: $0, l3: 0, die: 0, package: 0, node: 0) }
        return Capacity(topology: try CPUTopology(places), cpu: Quantity(4000), memory: Quantity(1000))
    }

    func peer(_ user: UInt32, pid: Int32 = 100, groups: [UInt32] = []) -> Peer {
        let processes = processes
        return Peer(user: user, groups: groups, pid: pid) { () throws(AttachError) in try processes.process(pid) }
    }

    static func request(
        cpu: Int64 = 1000, lease: Duration? = nil, end: ReservationRequest.End? = nil, attach: Bool = false,
        enforce: ReservationRequest.Enforce = .preferred
    ) -> ReservationRequest {
        ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), lease: lease, end: end, enforce: enforce,
            attachesCaller: attach)
    }

    /// Waits until something becomes true, for at most five seconds.
    func until(_ condition: () async -> Bool) async -> Bool {
        for _ in 0..<5000 {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(1))
        }
        return false
    }

    func heldCPU() async -> Int64 {
        let reports = try? await agent.resources(for: peer(0))
        return reports?.first?.held.units ?? -1
    }
}
