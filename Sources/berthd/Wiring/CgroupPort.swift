internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthKernel
internal import BerthModel

/// The enforcer of an agent with a cgroup tree.
struct CgroupPort: Enforcer {
    let enforcer: CgroupEnforcer

    func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf] { try await enforcer.start(whenEmptied: whenEmptied) }

    func noted(at id: ReservationID) async throws(EnforcementError) -> Reservation? {
        try await enforcer.noted(at: id)
    }

    func use(_ capacity: Capacity) async { await enforcer.use(capacity) }

    func use(_ pools: Pools) async { await enforcer.use(pools) }

    func receipts(of pool: PoolName) async -> [Receipt] { await enforcer.receipts(of: pool) }

    func move(
        _ reservation: Reservation, from: PoolName, to: PoolName
    ) async throws(EnforcementError) -> [Receipt] { try await enforcer.move(reservation, from: from, to: to) }

    func path(of reservation: Reservation) -> String? { enforcer.path(of: reservation) }

    func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        try await enforcer.enforce(reservation)
    }

    func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] {
        try await enforcer.resize(reservation, from: former, to: grant, force: force)
    }

    func expect(_ reservations: [Reservation]) async { await enforcer.expect(reservations) }

    func mark(_ reservation: Reservation) async throws(EnforcementError) { try await enforcer.mark(reservation) }

    func receipts(
        with process: any ProcessHandle, in reservation: Reservation
    ) async throws(AttachError) -> [Receipt] {
        let live = try CgroupPort.live(process)
        do throws(KernelError) {
            return try await enforcer.receipts(with: live, in: reservation)
        } catch {
            throw CgroupPort.error(error, process)
        }
    }

    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) -> [Receipt] {
        let live = try CgroupPort.live(process)
        do throws(KernelError) {
            return try await enforcer.attach(live, to: reservation, whenExited: whenExited)
        } catch {
            throw CgroupPort.error(error, process)
        }
    }

    func watch(
        _ process: any ProcessHandle, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) {
        let live = try CgroupPort.live(process)
        do throws(KernelError) {
            try await enforcer.watch(live, of: reservation, whenExited: whenExited)
        } catch {
            throw CgroupPort.error(error, process)
        }
    }

    func outside(
        _ processes: [any ProcessHandle], of reservation: Reservation
    ) async -> Set<ProcessIdentity>? {
        let live = processes.compactMap { ($0 as? ProcessPort.Handle)?.process }
        return await enforcer.outside(live, of: reservation.id)
    }

    func look(at reservation: Reservation) async -> LeafState { await enforcer.look(at: reservation.id) }

    func send(_ signal: Signal, to reservation: Reservation) async { await enforcer.send(signal, to: reservation.id) }

    func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf { await enforcer.end(id, grace: grace) }

    func usage(of reservation: Reservation) async -> Usage? { await enforcer.usage(of: reservation.id) }

    func hostUse() async -> HostUse? { await enforcer.hostUse() }

    private static func live(_ process: any ProcessHandle) throws(AttachError) -> LiveProcess {
        guard let handle = process as? ProcessPort.Handle else { throw .gone(pid: process.identity.pid) }
        return handle.process
    }

    private static func error(_ error: KernelError, _ process: any ProcessHandle) -> AttachError {
        error.saysNoProcess ? .gone(pid: process.identity.pid) : .kernel(error.description)
    }
}
