internal import BerthAgent
internal import BerthHost
internal import BerthKernel
internal import BerthModel

/// The enforcer of an agent that enforces nothing.
struct EnforcerPort: Enforcer {
    let enforcement: NoEnforcement

    func enforce(_ reservation: Reservation) async -> [Receipt] { enforcement.receipts(for: reservation.grant) }

    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) {
        guard let handle = process as? ProcessPort.Handle else { throw .gone(pid: process.identity.pid) }
        do throws(KernelError) {
            try enforcement.attach(handle.process, whenExited: whenExited)
        } catch {
            throw .kernel(error.description)
        }
    }

    /// Nothing of the reservation can be told from other processes, so there is nothing to end.
    func end(_ reservation: Reservation, grace: Duration) async {}

    func usage(of reservation: Reservation) async -> Usage? { nil }
}
