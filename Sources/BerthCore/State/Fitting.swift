package import BerthModel

extension State {
    /// Whether a reservation can hold a grant that it has given up: others may have what was free meanwhile.
    package func canHoldAgain(_ grant: Grant, _ reservation: Reservation) -> Bool {
        guard let capacity else { return true }
        var others = holdings
        others.remove(reservation.grant)
        let rooms = rooms(without: reservation, for: reservation.pool)
        if rooms?.shortfalls(Amounts(grant), keeping: reservation.grant).isEmpty == false { return false }
        let rest = capacity.cpu - capacity.reservedCPU - others.cpu
        for hold in grant.holds {
            if hold.type == .cpu, hold.amount > max(rest, reservation.grant[.cpu]?.amount ?? .zero) { return false }
            if hold.type == .memory {
                for node in hold.nodes ?? [] {
                    let held = (others.nodeMemory[node] ?? .zero) + hold.amount
                    if let most = capacity.nodeMemory[node], held > most { return false }
                }
            }
            if let cpus = hold.cpus, !cpus.intersection(others.exclusiveCPUs).isEmpty { return false }
            for share in hold.type == .network ? hold.units : [] {
                guard let whole = capacity.interfaces.first(where: { $0.name == share.name })?.capacity else {
                    continue
                }
                let kept = reservation.grant[.network]?.units.first { $0.name == share.name }?.quantity ?? .zero
                if share.quantity > max(whole - (others.network[share.name] ?? .zero), kept) { return false }
            }
            guard hold.type == .gpu || hold.type.isProvided else { continue }
            let units = capacity.wholeUnits(hold.type)
            let taken = TakenUnits(hold.type, units, others.units[hold.type] ?? [:])
            let shares = Dictionary(hold.units.map { ($0.name, $0.quantity) }, uniquingKeysWith: max)
            let names = Set(shares.keys)
            let there = units.filter { names.contains($0.name) }
            if there.contains(where: { !taken.hasRoom(for: shares[$0.name] ?? hold.type.whole, on: $0) }) {
                return false
            }
            // What was given up may be gone since; what is held and gone stays held.
            let kept = reservation.grant[hold.type]?.units.map(\.name) ?? []
            if !names.subtracting(kept).isSubset(of: there.map(\.name)) { return false }
        }
        return true
    }
}

extension State {
    /// What is granted for resources that make sense here, beside what is held; nil where something is short.
    func fit(_ resources: Resources, _ same: Same? = nil, beside held: Holdings) -> Grant? {
        do throws(Refusal) { return try placement(beside: held, .greedy, same).fit(resources) } catch { return nil }
    }

    /// Everything that is short for resources that make sense here, beside what is held.
    func shortfalls(_ resources: Resources, _ same: Same? = nil, beside held: Holdings) -> [Shortfall] {
        do throws(Refusal) {
            return try placement(beside: held, .greedy, same).shortfalls(resources)
        } catch {
            return []
        }
    }
}
