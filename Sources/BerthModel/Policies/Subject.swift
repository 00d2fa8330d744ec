/// One who has an account.
package enum Subject: Hashable, Sendable {
    case user(UInt32)
    /// A configured group; nil is everybody who is in none of them.
    case group(String?)
    /// A workflow, by the label that reservations give themselves.
    case workflow(String)
    /// One of these by what it has in a pool, and in those within that.
    indirect case within(PoolName, Subject)

    /// What it is one of.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case user, group, workflow
    }

    /// All whose account a user's use counts in, on the host and in these pools.
    package static func all(
        _ user: UInt32, _ group: String?, _ workflow: String?, in scopes: [PoolName]
    ) -> [Subject] {
        let all: [Subject] = [.user(user), .group(group)] + (workflow.map { [.workflow($0)] } ?? [])
        return all + scopes.flatMap { scope in all.map { .within(scope, $0) } }
    }

    package var kind: Kind {
        switch self {
        case .user: .user
        case .group: .group
        case .workflow: .workflow
        case .within(_, let subject): subject.kind
        }
    }

    /// The pool in which it is looked at; nil is the host.
    package var pool: PoolName? { if case .within(let pool, _) = self { pool } else { nil } }

    /// The same wherever it is looked at.
    package var anywhere: Subject { if case .within(_, let subject) = self { subject } else { self } }

    /// The same in a pool; nil is the host.
    package func within(_ pool: PoolName?) -> Subject { pool.map { .within($0, self) } ?? self }
}
