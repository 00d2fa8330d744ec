import BerthAgent
import BerthCore
import BerthModel
import Synchronization

/// A kernel that holds nothing and says so; what it is told to do can be slowed down or refused.
final class FakeEnforcer: Enforcer {
    struct Orders: Sendable {
        var status = Receipt.Status.unsupported
        var enforceTime = Duration.zero
        var endTime = Duration.zero
        var attachError: AttachError?
        var enforced = 0
        var attached: [Int32] = []
        var graces: [Duration] = []
    }

    let orders = Mutex(Orders())

    func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        let orders = orders.withLock { orders in
            orders.enforced += 1
            return orders
        }
        if orders.enforceTime > .zero { try? await Task.sleep(for: orders.enforceTime) }
        let reason = orders.status == .enforced ? nil : "nothing enforces here"
        return reservation.grant.holds.map { Receipt($0.type, status: orders.status, reason: reason) }
            + reservation.grant.storage.map {
                Receipt(.storage, device: $0.device, status: orders.status, reason: reason)
            }
    }

    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) -> [Receipt] {
        let error: AttachError? = orders.withLock { orders in
            if orders.attachError == nil { orders.attached.append(process.identity.pid) }
            return orders.attachError
        }
        if let error { throw error }
        return reservation.receipts
    }

    func watch(
        _ process: any ProcessHandle, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) {}

    func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf] { [] }

    func noted(at id: ReservationID) async throws(EnforcementError) -> Reservation? { nil }

    func use(_ capacity: Capacity) async {}

    func path(of reservation: Reservation) -> String? { "/sys/fs/cgroup/berth/r-\(reservation.id)" }

    func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] {
        var resized = reservation
        resized.grant = grant
        return try await enforce(resized)
    }

    func mark(_ reservation: Reservation) async throws(EnforcementError) {}

    func outside(
        _ processes: [any ProcessHandle], of reservation: Reservation
    ) async -> Set<ProcessIdentity>? { nil }

    func look(at reservation: Reservation) async -> LeafState { LeafState(isEmpty: true) }

    func hostUse() async -> HostUse? { HostUse(memory: Quantity(4096)) }

    func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf {
        let time = orders.withLock { orders in
            orders.graces.append(grace)
            return orders.endTime
        }
        if time > .zero { try? await Task.sleep(for: time) }
        return EndedLeaf(usage: Usage(cpuMicroseconds: 1))
    }

    func usage(of reservation: Reservation) async -> Usage? {
        Usage(cpuMicroseconds: 1_500_000, memoryBytes: 4096, memoryPeakBytes: 8192, pids: 1)
    }
}

/// A process as it was made up.
struct FakeProcess: ProcessHandle {
    var identity: ProcessIdentity
    var users: ProcessUsers
    var isAlive: Bool { true }

    init(_ pid: Int32, user: UInt32 = 0) {
        identity = ProcessIdentity(pid: pid, startTicks: 1, boot: "boot-1")
        users = ProcessUsers(real: user, effective: user, saved: user)
    }
}

/// Knows every process below 100,000 and calls it root's.
struct FakeProcesses: Processes {
    func process(_ pid: Int32) throws(AttachError) -> any ProcessHandle {
        guard pid < 100_000 else { throw .gone(pid: pid) }
        return FakeProcess(pid)
    }

    func process(_ identity: ProcessIdentity) throws(AttachError) -> (any ProcessHandle)? { FakeProcess(identity.pid) }
}

/// Time that goes on only when told to.
final class FakeClock: Clock {
    private let time = Mutex(Int64(1_795_471_985_250))

    func now() -> Now {
        time.withLock { Now(wall: Timestamp(milliseconds: $0), uptime: $0 - 1_795_000_000_000) }
    }

    func wake(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) {}
}

/// Ids that look random and come again.
final class FakeIDs: IDSource {
    private let count = Atomic<UInt64>(0)

    func next() -> ReservationID {
        let number = count.add(1, ordering: .relaxed).newValue
        return ReservationID(bits: number &* 0x9E37_79B9_7F4A_7C15 >> 3)
    }
}
