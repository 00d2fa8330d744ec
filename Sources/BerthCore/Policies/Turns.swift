package import BerthModel
internal import DequeModule
internal import HeapModule

/// The order in which those who wait are looked at, one after the other: only as much of it as is asked for.
///
/// Whoever was told counts as if it had got what it asks for: so the order is that in which all would be granted one after
/// the other, whether or not each of them fits now.
package struct Turns {
    /// So many are passed over in each round; a line with more is left where it stands.
    private static let mostPassed = 512

    private let lines: Lines
    private let candidate: Claimant?
    private let accounts: Accounts
    private let policies: Policies
    private let policy: Policy
    /// The pool by whose accounts the order goes; nil is the host.
    private let scope: PoolName?
    private let time: Int64
    /// Accounts as if all who were told had got what they ask for.
    private var projected: [Subject: Account] = [:]
    private var groups: [Group] = []
    private var order = Heap<Place>()
    /// The groups in which a user has lines, of those who have them in several.
    private var homes: [UInt32: Set<Int>] = [:]
    /// Whether only those are left that are over a soft limit.
    private var isLate = false
    private var passed = 0
    private var last: (claimant: Claimant, group: Int?, cursor: Int)?
    /// Those who are told before all others, the last of them first.
    private var first: [ReservationID]
    private var toldFirst: Set<ReservationID> = []
    /// Whether the one that was told last is over a soft limit.
    package private(set) var isSurplus = false

    /// A line, from one place on.
    private struct Cursor {
        let user: UInt32
        /// Those that were passed over for a soft limit.
        var aside: [Lines.Entry] = []
        var first: ArraySlice<Lines.Entry> = []
        var line: Deque<Lines.Entry> = []
        var position = 0

        var head: Lines.Entry? { first.first ?? (position < line.count ? line[position] : nil) }

        mutating func advance() { if first.popFirst() == nil { position += 1 } }

        /// Advances by so many at the most, as long as they stand before an entry.
        mutating func advance(_ most: Int, before entry: Lines.Entry?) -> Int {
            guard first.isEmpty else { return 0 }
            let end = entry.map { Lines.place(of: $0, in: line) } ?? line.count
            let passed = max(min(end - position, most), 0)
            position += passed
            return passed
        }
    }

    /// Lines whose users are ranked with one another.
    private struct Group {
        let name: String?
        var cursors: [Cursor] = []
        var order = Heap<Place>()
    }

    /// Where a group or a line stands: whoever has the least goes first, then who has waited longest.
    private struct Place: Comparable {
        var rank: Double
        var entry: Lines.Entry
        var index: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.rank, left.entry) < (right.rank, right.entry)
        }
    }

    /// - Parameters:
    ///   - lines: those who wait
    ///   - candidate: one who might wait too
    ///   - accounts: who has what
    ///   - policies: who goes first, and what one may have
    ///   - scope: the pool whose policy says the order; nil is the host
    ///   - time: now, in milliseconds since 1970
    ///   - first: those of them who go before all others
    package init(
        _ lines: Lines, besides candidate: Claimant? = nil, _ accounts: Accounts, _ policies: Policies,
        in scope: PoolName? = nil, at time: Int64, first: [ReservationID] = []
    ) {
        self.first = first.reversed()
        self.lines = lines
        self.candidate = candidate
        self.accounts = accounts
        self.policies = policies
        self.scope = scope
        let policy = policies[scope]
        self.policy = policy
        self.time = time
        var places: [String?: Int] = [:]
        func add(_ cursor: Cursor, of name: String?, _ groups: inout [Group]) {
            let name = policy.ranksGroups ? name : nil
            let place = places[name] ?? groups.count
            if place == groups.count {
                places[name] = place
                groups.append(Group(name: name))
            }
            groups[place].cursors.append(cursor)
        }
        for (owner, line) in lines.lines { add(Cursor(user: owner.user, line: line), of: owner.group, &groups) }
        if let candidate {
            let entry = lines.entry(of: candidate)
            add(Cursor(user: candidate.user, first: [entry]), of: candidate.group, &groups)
        }
        if policy.ranksGroups {
            for (index, group) in groups.enumerated() {
                for cursor in group.cursors { homes[cursor.user, default: []].insert(index) }
            }
            homes = homes.filter { $0.value.count > 1 }
        }
        line()
    }

    /// The one that was told last; nil where there was nobody any more.
    var told: Claimant? { last?.claimant }

    /// Who is looked at next; nil where there is nobody any more who could have something.
    package mutating func next() -> ReservationID? {
        if let last, let group = last.group { putBack(group, last.cursor) }
        last = nil
        while let id = first.popLast() {
            guard let claimant = lines[id] else { continue }
            let standing = standing(of: claimant)
            if case .over = standing { continue }
            toldFirst.insert(id)
            isSurplus = if case .surplus = standing { true } else { false }
            count(claimant.demand, live: claimant.count, sign: 1, for: claimant)
            last = (claimant, nil, 0)
            return id
        }
        while true {
            guard let (entry, group, cursor) = pop() else {
                guard beginLate() else { return nil }
                continue
            }
            groups[group].cursors[cursor].advance()
            guard let claimant = lines[entry.id] ?? candidate else { continue }
            if toldFirst.contains(entry.id) {
                putBack(group, cursor)
                continue
            }
            let standing = standing(of: claimant)
            switch standing {
            case .surplus where !isLate:
                groups[group].cursors[cursor].aside.append(entry)
            case .over: break
            case .within, .surplus:
                isSurplus = if case .surplus = standing { true } else { false }
                count(claimant.demand, live: claimant.count, sign: 1, for: claimant)
                last = (claimant, group, cursor)
                return claimant.id
            }
            passed += 1
            putBack(group, passed < Turns.mostPassed ? cursor : nil)
        }
    }

    /// Passes over those who follow the one that was told last in its own line as long as they would be told, so many at the
    /// most: at once, for there may be a hundred thousand of them. Where it counts who was told, nobody is passed over so.
    /// - Returns: how many
    package mutating func pass(_ most: Int) -> Int {
        guard !policies.goesByAccounts, toldFirst.isEmpty, let last, let group = last.group else { return 0 }
        let next = groups[group].order.min?.entry
        return groups[group].cursors[last.cursor].advance(most, before: next)
    }

    /// Where the one that was told last stands with this in the place of what it asks for.
    package func standing(with amounts: Amounts) -> QuotaStanding {
        guard let last, policies.hasQuotas else { return .within }
        var claimant = last.claimant
        claimant.demand = amounts
        return policies.standing(of: claimant, at: time) { subject in
            var account = projected[subject] ?? accounts.account(subject, at: time)
            change(&account, last.claimant.demand, live: last.claimant.count, sign: -1, for: last.claimant)
            return account
        }
    }

    /// The one that was told last has got this, and not what it asked for.
    package mutating func take(_ amounts: Amounts) {
        guard let claimant = last?.claimant else { return }
        count(claimant.demand, live: 0, sign: -1, for: claimant)
        count(amounts, live: 0, sign: 1, for: claimant)
    }

    /// The one that was told last gets nothing, whatever becomes free: its demand counts against nobody.
    package mutating func skip() {
        guard let claimant = last?.claimant else { return }
        count(claimant.demand, live: claimant.count, sign: -1, for: claimant)
    }

    // MARK: - Accounts

    private func standing(of claimant: Claimant) -> QuotaStanding {
        policies.standing(of: claimant, at: time) { projected[$0] ?? accounts.account($0, at: time) }
    }

    /// Counts what one has got or gives up, in whatever line it stood.
    mutating func count(_ amounts: Amounts, live: Int, sign: Int, for claimant: Claimant) {
        guard policies.goesByAccounts else { return }
        for subject in claimant.subjects {
            change(
                &projected[subject, default: accounts.account(subject, at: time)], amounts, live: live, sign: sign,
                for: claimant)
        }
        // Another may be first now of a group that waits its turn.
        for group in homes[claimant.user] ?? [] { if let place = place(of: group) { order.insert(place) } }
    }

    private func change(_ account: inout Account, _ amounts: Amounts, live: Int, sign: Int, for claimant: Claimant) {
        account.add(amounts, live: live, sign: sign, of: accounts.totals)
        guard accounts.countsHours else { return }
        for lease in claimant.leases(of: amounts, from: time) {
            if let end = lease.end { account.add(lease.amounts, sign: sign, over: Spans.Span(until: end)) }
        }
    }

    private func rank(of group: Int) -> Double {
        guard policy.ranksGroups else { return 0 }
        let subject = Subject.group(groups[group].name).within(scope)
        return policy.rank(
            group: groups[group].name, projected[subject] ?? accounts[subject], at: time,
            halfLife: accounts.accounting.halfLife(in: scope))
    }

    private func rank(of user: UInt32) -> Double {
        guard policy.order != .priority else { return 0 }
        let subject = Subject.user(user).within(scope)
        return policy.rank(
            user: user, projected[subject] ?? accounts[subject], at: time,
            halfLife: accounts.accounting.halfLife(in: scope))
    }

    // MARK: - Places

    /// Lines everything up that is left.
    private mutating func line() {
        var places: [Place] = []
        for group in groups.indices {
            groups[group].order = Heap(
                groups[group].cursors.indices.compactMap { cursor in
                    let line = groups[group].cursors[cursor]
                    return line.head.map { Place(rank: rank(of: line.user), entry: $0, index: cursor) }
                })
            if let place = place(of: group) { places.append(place) }
        }
        order = Heap(places)
    }

    private mutating func place(of group: Int) -> Place? {
        first(of: group).map { Place(rank: rank(of: group), entry: $0.entry, index: group) }
    }

    /// The line of a group whose turn it is. What a line was ranked by may have grown since: then it goes further back.
    private mutating func first(of group: Int) -> Place? {
        while let line = groups[group].order.min {
            let rank = rank(of: groups[group].cursors[line.index].user)
            guard rank != line.rank else { return line }
            groups[group].order.removeMin()
            groups[group].order.insert(Place(rank: rank, entry: line.entry, index: line.index))
        }
        return nil
    }

    /// Takes the line out whose turn it is, of the group whose turn it is.
    private mutating func pop() -> (entry: Lines.Entry, group: Int, cursor: Int)? {
        while let outer = order.popMin() {
            guard let now = place(of: outer.index) else { continue }
            guard now == outer else {
                order.insert(now)
                continue
            }
            let line = groups[outer.index].order.removeMin()
            return (line.entry, outer.index, line.index)
        }
        return nil
    }

    /// Puts a group back, and the rest of a line; nil leaves the line where it stands.
    private mutating func putBack(_ group: Int, _ cursor: Int?) {
        if let cursor, let head = groups[group].cursors[cursor].head {
            let user = groups[group].cursors[cursor].user
            groups[group].order.insert(Place(rank: rank(of: user), entry: head, index: cursor))
        }
        if let place = place(of: group) { order.insert(place) }
    }

    /// Goes on with those that are over a soft limit, and what was left of the lines.
    private mutating func beginLate() -> Bool {
        guard !isLate else { return false }
        isLate = true
        passed = 0
        for group in groups.indices {
            for cursor in groups[group].cursors.indices {
                let rest = groups[group].cursors[cursor]
                groups[group].cursors[cursor].first = rest.aside + rest.first
            }
        }
        line()
        return !order.isEmpty
    }
}
