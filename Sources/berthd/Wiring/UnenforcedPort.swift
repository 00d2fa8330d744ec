internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthKernel
internal import BerthModel

/// The enforcer of an agent that enforces nothing.
struct UnenforcedPort: Enforcer {
    let enforcement: NoEnforcement

    func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf] { [] }

    func use(_ capacity: Capacity) async {}

    func path(of reservation: Reservation) -> String? { nil }

    func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        enforcement.receipts(for: reservation.grant)
    }

    func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] { enforcement.receipts(for: grant) }

    func mark(_ reservation: Reservation) async throws(EnforcementError) {}

    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) -> [Receipt] {
        guard let handle = process as? ProcessPort.Handle else { throw .gone(pid: process.identity.pid) }
        do throws(KernelError) {
            try enforcement.attach(handle.process, to: reservation.id, whenExited: whenExited)
        } catch {
            throw .kernel(error.description)
        }
        return reservation.receipts
    }

    func noted(at id: ReservationID) async throws(EnforcementError) -> Reservation? { nil }

    func watch(
        _ process: any ProcessHandle, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) { _ = try await attach(process, to: reservation, whenExited: whenExited) }

    /// There is no leaf to be outside of.
    func outside(
        _ processes: [any ProcessHandle], of reservation: Reservation
    ) async -> Set<ProcessIdentity>? { nil }

    /// Nothing of the reservation can be told from other processes, so nothing runs in it but those that are attached.
    func look(at reservation: Reservation) async -> LeafState { LeafState(isEmpty: true) }

    func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf {
        enforcement.end(id)
        return EndedLeaf()
    }

    func usage(of reservation: Reservation) async -> Usage? { nil }

    func hostUse() async -> HostUse? { nil }
}
