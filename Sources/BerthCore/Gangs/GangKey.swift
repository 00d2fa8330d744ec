package import BerthModel

/// A gang, or a barrier, of one user: others may use the same name for their own.
package struct GangKey: Hashable, Sendable {
    /// Whose it is.
    package var user: UInt32
    /// What its user calls it.
    package var name: String

    package init(user: UInt32, name: String) {
        self.user = user
        self.name = name
    }
}

extension Reservation {
    /// The gang that it is of; nil for none.
    package var gangKey: GangKey? { gang.map { GangKey(user: user, name: $0.id) } }
}

/// Why a request cannot be of its gang.
package enum GangRefusal: Hashable, Sendable {
    /// Those of it that wait say something else of what all of a gang must say alike: where, and what they say.
    case mismatch(Gang, pointer: String, theirs: String)
    /// It has all its members; its name is free again when all of them are over.
    case full(Gang)
    /// So many others have to ask before any of it is granted.
    case waiting(Gang, others: Int)
    /// It did not become complete in time, or another of it could not be brought to hold what it was granted.
    case incomplete(Gang)
    /// The reservation waits at another barrier.
    case elsewhere(ReservationID, barrier: String)
}
