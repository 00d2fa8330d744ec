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
    /// Who of them may give requests a higher priority than the caps say, and up to which.
    package var priorities = Priorities()
    /// The highest priorities of some.
    package struct Priorities: Hashable, Sendable {
        package var users: [UInt32: Int] = [:]
        package var groups: [UInt32: Int] = [:]

        package init() {}
    }

    /// Whether anybody has a role who is neither of a group nor one of some users.
    package func reach(beyond group: UInt32?, _ users: Set<UInt32>) -> Bool {
        others != nil
            || members.values.contains { members in
                !members.users.isSubset(of: users) || members.groups.contains { $0 != group }
            }
    }

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
    /// - Parameter groups: those that policies count by, in the order in which one is looked for that the peer is in
    package func caller(_ peer: Peer, of groups: [NamedGroup]) -> Caller {
        let isAdmin = role(of: peer) == .admin
        let group = groups.first { peer.groups.contains($0.number) }?.name
        guard !isAdmin else { return Caller(user: peer.user, isAdmin: true, caps: Caps(), group: group) }
        var caps = caps
        let own = [priorities.users[peer.user]] + peer.groups.map { priorities.groups[$0] }
        if let priority = caps.priority { caps.priority = own.compactMap { $0 }.reduce(priority, max) }
        return Caller(user: peer.user, isAdmin: false, caps: caps, group: group)
    }
}

extension Caps {
    /// The caps that are on by default: 1,000 reservations, a lease of 24 hours, no priority above 0.
    package static let standard = Caps(reservations: 1000, lease: .seconds(86_400), priority: 0)
}
