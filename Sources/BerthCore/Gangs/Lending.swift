internal import BerthModel

/// What those of a gang who have arrived at its barrier lend to those who have not.
///
/// CPU time alone can be taken back in a moment without killing anything, so only that is lent. It stays counted to its
/// holder, and nobody but its gang gets it: what moves are ceilings, and their sum is what it was.
enum Lending {
    /// So much of its CPU time one that has arrived keeps, to hear that the barrier is open; in millicores.
    static let kept = Quantity(100)

    /// How far each ceiling is moved: up for those who borrow, down for those who lend; the sum is nothing.
    /// - Parameter members: all of a gang that are live
    static func loans(_ members: [Reservation], at barrier: String) -> [ReservationID: Quantity] {
        let sharing = members.filter { $0.sharedCPU != nil }.sorted { $0.id < $1.id }
        let borrowers = sharing.filter { !$0.isWaiting(at: barrier) }
        guard !borrowers.isEmpty else { return [:] }
        var loans: [ReservationID: Quantity] = [:]
        var sum: Int64 = 0
        for member in sharing where member.isWaiting(at: barrier) {
            let lent = (member.sharedCPU ?? .zero) - kept
            guard lent > .zero else { continue }
            loans[member.id] = .zero - lent
            sum += lent.units
        }
        let (share, rest) = sum.quotientAndRemainder(dividingBy: Int64(borrowers.count))
        for (place, member) in borrowers.enumerated() where sum > 0 {
            // What cannot be shared out evenly goes to the first: thousandths of a CPU.
            loans[member.id] = Quantity(share + (place < rest ? 1 : 0))
        }
        return loans
    }
}

extension Reservation {
    /// The CPU time it holds in shares; nil where it holds whole CPUs or none.
    fileprivate var sharedCPU: Quantity? {
        guard let hold = grant[.cpu], hold.cpus == nil else { return nil }
        return hold.amount
    }

    /// Whether it has arrived at a barrier that is not open yet.
    package func isWaiting(at barrier: String) -> Bool {
        arrival.map { $0.barrier == barrier && !$0.isOpen } ?? false
    }
}
