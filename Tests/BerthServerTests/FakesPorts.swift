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

    func enforce(_ reservation: Reservation) async -> [Receipt] {
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
    ) async throws(AttachError) {
        let error: AttachError? = orders.withLock { orders in
            if orders.attachError == nil { orders.attached.append(process.identity.pid) }
            return orders.attachError
        }
        if let error { throw error }
    }

    func end(_ reservation: Reservation, grace: Duration) async {
        let time = orders.withLock { orders in
            orders.graces.append(grace)
            return orders.endTime
        }
        if time > .zero { try? await Task.sleep(for: time) }
    }

    func usage(of reservation: Reservation) async -> Usage? {
        Usage(cpuMicroseconds: 1_500_000, memoryBytes: 4096, memoryPeakBytes: 8192, pids: 1)
    }
}

/// A process as it was made up.
struct FakeProcess: ProcessHandle {
    var identity: ProcessIdentity
    var users: ProcessUsers

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

    func process(_ identity: ProcessIdentity) -> (any ProcessHandle)? { FakeProcess(identity.pid) }
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
