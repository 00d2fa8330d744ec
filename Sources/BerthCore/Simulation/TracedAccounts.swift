package import BerthModel

/// Users and groups of a trace as numbers, in the place of those of a host, and to which pool each of its tasks goes.
package struct TracedAccounts: Sendable {
    private var users: [String: UInt32] = [:]
    private var groups: [String: UInt32] = [:]
    private let groupOfUser: [String: String]
    private let poolOfUser: [String: PoolName]
    private let names: [String]

    /// The number of all those of whom there is no task.
    private static let nobody = UInt32.max

    /// - Parameters:
    ///   - trace: the tasks
    ///   - groups: the groups of users, by name, in the place of what the trace tells
    ///   - pools: the pools of users, by name, in the place of what the trace tells
    package init(_ trace: Trace, groups: [String: String] = [:], pools: [String: PoolName] = [:]) {
        groupOfUser = groups
        poolOfUser = pools
        names = trace.users
        // From one on: zero is root.
        for (index, name) in trace.users.enumerated() { users[name] = UInt32(index) + 1 }
        for name in trace.tasks.lazy.compactMap(\.group) + groups.values.sorted() where self.groups[name] == nil {
            self.groups[name] = UInt32(self.groups.count) + 1
        }
    }

    /// The number of a user.
    package func user(_ name: String) -> UInt32 { users[name] ?? TracedAccounts.nobody }

    /// The number of a group.
    package func group(_ name: String) -> UInt32 { groups[name] ?? TracedAccounts.nobody }

    /// For a configuration to name them: it may name others too, who have no tasks.
    package var accountNames: AccountNames { AccountNames(user: user, group: group) }

    /// The group that a task counts for; nil where neither the trace nor anybody else told one.
    package func group(of task: TracedTask) -> String? { groupOfUser[names[task.user]] ?? task.group }

    /// The pool that a task goes to: that of its user, else that of its queue's name, as far as there are such, else the default
    /// one.
    package func pool(of task: TracedTask, in pools: Pools) -> PoolName {
        if let pool = poolOfUser[names[task.user]], pools[pool] != nil { return pool }
        let queues = task.queue?.split(separator: ",").compactMap { PoolName(String($0)) } ?? []
        return queues.first { pools[$0] != nil } ?? .standard
    }

    /// Of a pool and those that it is within the one that is for others than a task's user; nil where it may use them all.
    func barring(_ task: TracedTask, from pool: PoolName, of pools: Pools) -> PoolName? {
        let groups = group(of: task).map { [group($0)] } ?? []
        return pools.barring(user: user(names[task.user]), groups: groups, from: pool)?.name
    }

    /// The task as one who asks.
    /// - Parameter counted: the groups that policies go by
    func caller(of task: TracedTask, counted: [String]) -> Caller {
        let group = group(of: task).flatMap { counted.contains($0) ? $0 : nil }
        return Caller(user: user(names[task.user]), isAdmin: false, caps: Caps(), group: group)
    }
}
