package import BerthModel

/// The order in which those who wait are looked at, of all pools: of each pool as its policy has it.
///
/// Whoever waits within what its pool is guaranteed goes before whoever would take what is nobody's or another's; of these, the
/// pool first that has the least of its guarantee in use; of those, the one that holds the least of the host for its weight.
package struct PoolTurns {
    private var lines: [Line] = []
    private let pools: Pools
    private let totals: Amounts
    /// What each pool holds as if all who were told had got what they ask for.
    private var held: PoolHoldings
    /// Whose line was told last.
    private var told: Int?

    /// Those who go before all others.
    private let first: [ReservationID]

    private struct Line {
        let pool: PoolName
        var turns: Turns
        /// Who is first of it.
        var head: Claimant?
    }

    /// Where a line stands: the least goes first.
    private struct Place: Comparable {
        /// Where it stands among those who go before all others.
        var first: Int
        var isOwn: Bool
        var share: Double
        var since: Int64
        var index: Int

        static func < (left: Place, right: Place) -> Bool {
            guard left.first == right.first else { return left.first < right.first }
            guard left.isOwn == right.isOwn else { return left.isOwn }
            return (left.share, left.since, left.index) < (right.share, right.since, right.index)
        }
    }

    /// - Parameters:
    ///   - lines: those who wait, by pool
    ///   - candidate: one who might wait too, and for which pool
    ///   - state: what is held, and who goes first
    ///   - accounts: who has what, and had, with what is granted meanwhile
    ///   - time: now, in milliseconds since 1970
    ///   - first: those who go before all others, the first of them first
    init(
        _ lines: [PoolName: Lines], besides candidate: (claimant: Claimant, pool: PoolName)?, _ state: State,
        _ accounts: Accounts, at time: Int64, first: [(id: ReservationID, pool: PoolName)] = []
    ) {
        self.first = first.map(\.id)
        pools = state.pools
        totals = accounts.totals
        held = state.poolHoldings
        for name in Set(lines.keys).union(candidate.map { [$0.pool] } ?? []).sorted() {
            let own = candidate.flatMap { $0.pool == name ? $0.claimant : nil }
            let scope = state.policies.scopes(of: name, in: pools).first
            let turns = Turns(
                lines[name] ?? Lines(ageing: state.policies[scope].ageing), besides: own, accounts, state.policies,
                in: scope, at: time,
                first: first.filter { $0.pool == name }.map(\.id))
            self.lines.append(Line(pool: name, turns: turns))
        }
        guard self.lines.count > 1 else { return }
        for index in self.lines.indices { advance(index) }
    }

    /// Who is looked at next; nil where there is nobody any more who could have something.
    package mutating func next() -> ReservationID? {
        guard lines.count > 1 else {
            told = lines.isEmpty ? nil : 0
            return lines.isEmpty ? nil : lines[0].turns.next()
        }
        if let told { advance(told) }
        told = lines.indices.compactMap(place).min()?.index
        guard let told, let head = lines[told].head else { return nil }
        held.add(head.demand, to: lines[told].pool, of: pools)
        tellOthers(head, head.demand, live: head.count, sign: 1)
        return head.id
    }

    /// The one that was told last.
    var claimant: Claimant? { told.flatMap { lines.count > 1 ? lines[$0].head : lines[$0].turns.told } }

    /// Passes over those who follow the one that was told last, as ``Turns/pass(_:)`` does where there is one pool.
    mutating func pass(_ most: Int) -> Int { lines.count == 1 ? lines[0].turns.pass(most) : 0 }

    /// Where the one that was told last stands with this in the place of what it asks for.
    package func standing(with amounts: Amounts) -> QuotaStanding {
        told.map { lines[$0].turns.standing(with: amounts) } ?? .within
    }

    /// The one that was told last has got this, and not what it asked for.
    package mutating func take(_ amounts: Amounts) {
        guard let told else { return }
        lines[told].turns.take(amounts)
        guard let head = lines[told].head else { return }
        held.add(head.demand, sign: -1, to: lines[told].pool, of: pools)
        held.add(amounts, to: lines[told].pool, of: pools)
        tellOthers(head, head.demand, live: 0, sign: -1)
        tellOthers(head, amounts, live: 0, sign: 1)
    }

    /// The one that was told last gets nothing, whatever becomes free: its demand counts against nobody.
    package mutating func skip() {
        guard let told else { return }
        lines[told].turns.skip()
        guard let head = lines[told].head else { return }
        held.add(head.demand, sign: -1, to: lines[told].pool, of: pools)
        tellOthers(head, head.demand, live: head.count, sign: -1)
    }

    private mutating func advance(_ index: Int) {
        _ = lines[index].turns.next()
        lines[index].head = lines[index].turns.told
    }

    /// Whoever is told counts in all lines, for quotas and policies go by what one has of all pools.
    private mutating func tellOthers(_ claimant: Claimant, _ amounts: Amounts, live: Int, sign: Int) {
        for index in lines.indices where index != told {
            lines[index].turns.count(amounts, live: live, sign: sign, for: claimant)
        }
    }

    private func place(of index: Int) -> Place? {
        let line = lines[index]
        guard let head = line.head else { return nil }
        let room = PoolRoom(line.pool, of: pools, beside: held)
        let said = head.demand.parts.filter { pools.types.contains($0.type) }
        let isOwn = !said.isEmpty && said.allSatisfy { room.isOwn($0.units, of: $0.type) }
        let pool = pools[line.pool]
        let holds = held[line.pool]
        var share = holds.dominantShare(of: totals) / Double(max(1, pool?.weight ?? 1))
        if isOwn, let pool {
            var guaranteed = Amounts()
            for (type, amount) in pool.guaranteed { guaranteed.add(Int128(amount.units), of: type) }
            share = holds.dominantShare(of: guaranteed)
        }
        let first = first.firstIndex(of: head.id) ?? first.count
        return Place(first: first, isOwn: isOwn, share: share, since: head.since, index: index)
    }
}
