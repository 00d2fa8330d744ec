package import BerthCore
package import BerthModel

/// What a peer may do. Each role may do what those before it may.
package enum Role: Int, Hashable, Sendable, Comparable {
    /// See the host and its own reservations.
    case observe
    /// Reserve, within its caps.
    case submit
    /// Everything, for everybody.
    case admin

    package static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}

/// Who has which role, by user and group, as the configuration says.
package struct Roles: Hashable, Sendable {
    /// Users and groups of one role.
    package struct Members: Hashable, Sendable {
        package var users: Set<UInt32>
        package var groups: Set<UInt32>

        package init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
            self.users = users
            self.groups = groups
        }

        fileprivate func have(_ peer: Peer) -> Bool {
            users.contains(peer.user) || peer.groups.contains { groups.contains($0) }
        }
    }

    /// Members by role; a peer has the highest role it is a member of.
    package var members: [Role: Members]
    /// The role of everybody else; nil is none: they are refused.
    package var others: Role?
    /// What a member of `submit` may have.
    package var caps: Caps

    package init(members: [Role: Members], others: Role?, caps: Caps = .standard) {
        self.members = members
        self.others = others
        self.caps = caps
    }

    /// The role of a peer; nil is none.
    package func role(of peer: Peer) -> Role? {
        var highest = others
        for (role, members) in members where members.have(peer) { highest = highest.map { max($0, role) } ?? role }
        return highest
    }

    /// The peer as the core sees it. Caps bind members of `submit`; an admin has none.
    package func caller(_ peer: Peer) -> Caller {
        let isAdmin = role(of: peer) == .admin
        return Caller(user: peer.user, isAdmin: isAdmin, caps: isAdmin ? Caps() : caps)
    }
}

extension Caps {
    /// The caps that are on by default: 1,000 reservations, a lease of 24 hours.
    package static let standard = Caps(reservations: 1000, lease: .seconds(86_400))
}
