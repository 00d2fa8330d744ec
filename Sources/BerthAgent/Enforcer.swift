package import BerthCore
package import BerthModel

/// What makes the kernel hold a reservation to its part. Calls about one reservation come one after the other.
package protocol Enforcer: Sendable {
    /// Takes up what the kernel holds already: every leaf that an earlier agent left.
    /// - Parameter whenEmptied: called from any thread when the last process of a leaf has ended, or has left it
    func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf]
    /// What is noted at a leaf that was found; nil where nothing is.
    /// - Throws: why what is noted there cannot be read, or not be understood
    func noted(at id: ReservationID) async throws(EnforcementError) -> Reservation?
    /// Tells what the host has, for what is shared out among all.
    func use(_ capacity: Capacity) async
    /// Tells what is about to be enforced, all of it, before any of it is.
    func expect(_ reservations: [Reservation]) async
    /// Where the leaf of a reservation lies; nil where it has none.
    func path(of reservation: Reservation) -> String?
    /// Makes the kernel hold what the reservation holds now, and reads it back: one receipt for each type and device.
    func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt]
    /// Brings the kernel from one grant to another and reads it back. After an error the kernel holds the first again.
    func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt]
    /// Tells what pools there are, whenever they change: before anything is enforced in a new one, and after the last has left
    /// one that is gone.
    /// What cannot be held of one is told by its receipts.
    func use(_ pools: Pools) async
    /// What the kernel holds of a pool, read now: one receipt for each type that a pool has a file of; none where nothing is
    /// held to anything.
    func receipts(of pool: PoolName) async -> [Receipt]
    /// Takes what runs in a reservation from one pool to another without touching it, and reads back what holds there. After
    /// an error it is where it was.
    func move(
        _ reservation: Reservation, from: PoolName, to: PoolName
    ) async throws(EnforcementError) -> [Receipt]
    /// Notes in the kernel what is known of a reservation, for an agent that has lost its ledger.
    func mark(_ reservation: Reservation) async throws(EnforcementError)
    /// What the receipts would become with a process in the reservation.
    func receipts(
        with process: any ProcessHandle, in reservation: Reservation
    ) async throws(AttachError) -> [Receipt]
    /// Moves a process into the reservation and watches it; `whenExited` is called once, from any thread, when it ends.
    /// Returns what the receipts have become.
    func attach(
        _ process: any ProcessHandle, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError) -> [Receipt]
    /// Watches a process that is in the leaf already, or was; `whenExited` as above.
    func watch(
        _ process: any ProcessHandle, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) async throws(AttachError)
    /// Those of the processes of a reservation that are alive and outside of its leaf, where a group below it is inside; nil
    /// where that cannot be told.
    func outside(
        _ processes: [any ProcessHandle], of reservation: Reservation
    ) async -> Set<ProcessIdentity>?
    /// What is in a leaf now.
    func look(at reservation: Reservation) async -> LeafState
    /// Sends a signal to every process in a leaf; one that ends meanwhile is none of them.
    func send(_ signal: Signal, to reservation: Reservation) async
    /// Ends whatever runs in a reservation's leaf, and gives the leaf back where nothing does any more.
    func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf
    /// What the reservation has used; nil where nothing measures it.
    func usage(of reservation: Reservation) async -> Usage?
    /// What all reservations and everything beside them use; nil where nothing measures it.
    func hostUse() async -> HostUse?
}

extension Enforcer {
    /// What holds nothing needs to expect nothing.
    package func expect(_ reservations: [Reservation]) async {}

    /// What holds nothing holds no pools.
    package func use(_ pools: Pools) async {}

    /// What holds nothing has nothing to tell.
    package func receipts(of pool: PoolName) async -> [Receipt] { [] }

    /// What holds nothing moves nothing.
    package func move(
        _ reservation: Reservation, from: PoolName, to: PoolName
    ) async throws(EnforcementError) -> [Receipt] { reservation.receipts }
    /// What knows of no processes sends none anything.
    package func send(_ signal: Signal, to reservation: Reservation) async {}

    /// What holds nothing loses nothing by a process.
    package func receipts(
        with process: any ProcessHandle, in reservation: Reservation
    ) async throws(AttachError) -> [Receipt] { reservation.receipts }
}

extension EnforcementError {
    /// What is held all the same, one receipt for each type and device.
    var receipts: [Receipt] {
        if case .kernel(_, let receipts) = self { receipts } else { [] }
    }

    /// What a client is told.
    var refusal: Refusal {
        switch self {
        case .kernel(let reason, let receipts): .enforcement(reason, receipts)
        case .inUse(let type, let used, let asked): .inUse(type, used: used, asked: asked)
        }
    }
}
