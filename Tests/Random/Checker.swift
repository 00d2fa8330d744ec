import BerthCore
import BerthModel

/// Looks at what happens from outside, with sums of its own: what is held, who is in which state, which gangs are whole.
struct Checker {
    private let scenario: Scenario
    private var grants: [ReservationID: Grant] = [:]
    private var sums: [ResourceType: Int64] = [:]
    private var nodeMemory: [Int: Int64] = [:]
    private var units: [String: Int64] = [:]
    private var owners: [Int: ReservationID] = [:]
    private var writes: Int64 = 0
    private var states: [ReservationID: Reservation.State] = [:]
    private var freed: Set<ReservationID> = []
    /// How often each state was come to, and each end.
    private(set) var seen: [String: Int] = [:]

    init(_ scenario: Scenario) { self.scenario = scenario }

    /// What is wrong with a change.
    mutating func fault(of change: Event.Change) -> String? {
        if case .ended(_, _, let reason) = change { seen["end: \(reason.rawValue)", default: 0] += 1 }
        if let fault = transition(change) { return fault }
        switch change {
        case .granted(let reservation): return hold(reservation.grant, reservation.id)
        case .resized(let id, let grant): return hold(grant, id)
        case .freed(let id, _): return hold(Grant([]), id)
        default: return nil
        }
    }

    /// What is wrong with a decision as a whole, in the state that it led to.
    func fault(of changes: [Event.Change], _ state: State) -> String? {
        var gangs: [GangKey: (size: Int, members: Int)] = [:]
        for case .granted(let reservation) in changes {
            guard let key = reservation.gangKey, let gang = reservation.gang else { continue }
            gangs[key] = (gang.size, (gangs[key]?.members ?? 0) + 1)
        }
        for (key, gang) in gangs where gang.size != gang.members {
            return "of the gang \(key.name) \(gang.members) of \(gang.size) are granted"
        }
        for case .lent(let id, _) in changes {
            guard let key = state.reservations[id]?.gangKey else { continue }
            let sum = state.reservations.values.filter { $0.gangKey == key }.reduce(0) { $0 + $1.borrowed.units }
            if sum != 0 { return "the gang \(key.name) has borrowed \(sum) more than it has lent" }
        }
        for case .preempted(let id, let preemption, _) in changes {
            guard let victim = state.reservations[id], let waiter = state.waiters[preemption.by] else {
                return "\(id) goes for nobody"
            }
            let isLower = waiter.strategy == .priority && victim.priority < waiter.priority
            let isLent = state.pools[waiter.pool]?.giveBack == .preempt && victim.pool != waiter.pool
            if !isLower, !isLent { return "\(id) goes for one that may not have that" }
        }
        return nil
    }

    /// What is wrong with the sums of a state.
    func fault(in state: State) -> String? {
        guard Set(state.reservations.keys) == Set(grants.keys) else { return "other reservations hold something" }
        for (id, reservation) in state.reservations where reservation.grant != grants[id] {
            return "\(id) holds something else"
        }
        for type in [ResourceType.cpu, .memory, .pids, .gpu, .network]
        where state.holdings[type].units != sums[type] ?? 0 {
            return "\(type) held is \(state.holdings[type].units), and in all \(sums[type] ?? 0)"
        }
        for (node, held) in nodeMemory where state.holdings.nodeMemory[node]?.units ?? 0 != held {
            return "the memory held of node \(node) is another sum"
        }
        if state.holdings.storage["sda"]?.write?.units ?? 0 != writes { return "what is held of sda is another sum" }
        guard !state.pools.isTrivial else { return nil }
        for pool in state.pools.all {
            for type in [ResourceType.cpu, .memory, .gpu] {
                let sum = state.reservations.values.filter { reservation in
                    state.pools.path(of: reservation.pool).contains { $0.name == pool.name }
                }.reduce(Int64(0)) { $0 + ($1.grant[type]?.amount.units ?? 0) }
                if state.held(by: pool.name)[type] != Int128(sum) { return "the pool \(pool.name) holds another sum" }
            }
        }
        return nil
    }

    /// The states and ends that no run came to, of those that the commands can lead to.
    static func unseen(in seen: [String: Int]) -> [String] {
        let ends: [Reservation.EndReason] = [
            .released, .lastProcess, .lease, .neverAttached, .outOfMemory, .enforcement, .provider, .wait, .gang,
            .preempted,
        ]
        let all = Reservation.State.allCases.map(\.rawValue) + ends.map { "end: \($0.rawValue)" }
        return all.filter { seen[$0] == nil }
    }

    // MARK: - What is held

    private mutating func hold(_ grant: Grant, _ id: ReservationID) -> String? {
        let former = grants.updateValue(grant, forKey: id)
        if grant.holds.isEmpty, grant.storage.isEmpty { grants[id] = nil }
        if let former { count(former, -1, id) }
        if let fault = count(grant, 1, id) { return fault }
        let capacity = scenario.capacity
        let most: [ResourceType: Int64] = [
            .cpu: capacity.cpu.units - capacity.reservedCPU.units, .memory: 1000, .pids: 500,
        ]
        for (type, most) in most
        where sums[type] ?? 0 > most && grant[type]?.amount ?? .zero > former?[type]?.amount ?? .zero {
            return "\(type) is overbooked"
        }
        for (node, held) in nodeMemory where held > 500 { return "the memory of node \(node) is overbooked" }
        for (name, held) in units where held > 1000 { return "\(name) is overbooked" }
        if writes > 100 { return "sda is overbooked" }
        let shared = grants.values.flatMap(\.holds).filter { $0.type == .cpu && $0.cpus == nil }
        let free = Int64(8 - owners.count) * 1000
        return shared.reduce(0) { $0 + $1.amount.units } > free ? "what is shared is more than the CPUs left" : nil
    }

    @discardableResult
    private mutating func count(_ grant: Grant, _ sign: Int64, _ id: ReservationID) -> String? {
        for hold in grant.holds {
            sums[hold.type, default: 0] += sign * hold.amount.units
            if hold.type == .memory, let nodes = hold.nodes, nodes.count == 1, let node = nodes.first {
                nodeMemory[node, default: 0] += sign * hold.amount.units
            }
            for share in hold.units { units[share.name, default: 0] += sign * share.quantity.units }
            for cpu in hold.cpus.map(Array.init) ?? [] {
                if sign < 0 {
                    owners[cpu] = nil
                } else if owners.updateValue(id, forKey: cpu) != nil {
                    return "CPU \(cpu) is held twice"
                }
            }
        }
        for ask in grant.storage { writes += sign * (ask.rates.write?.units ?? 0) }
        return nil
    }

    // MARK: - States

    private mutating func transition(_ change: Event.Change) -> String? {
        switch change {
        case .queued(let reservation): return enter(reservation.id, .pending, from: [nil, .pending])
        case .granted(let reservation): return enter(reservation.id, reservation.state, from: [nil, .pending])
        case .resized(let id, let grant):
            let state = states[id]
            guard state == .confirmed || state == .partial else { return nil }
            return enter(id, Reservation.State(holding: grant), from: [.confirmed, .partial])
        case .ended(let id, let state, _): return enter(id, state, from: [.pending, .confirmed, .partial])
        case .freed(let id, _):
            guard freed.insert(id).inserted else { return "\(id) is freed twice" }
            let isOver = [.failed, .released, .expired].contains(states[id])
            return isOver ? nil : "\(id) is freed while it is \(states[id]?.rawValue ?? "nothing")"
        default: return nil
        }
    }

    private mutating func enter(
        _ id: ReservationID, _ state: Reservation.State, from former: [Reservation.State?]
    ) -> String? {
        seen[state.rawValue, default: 0] += 1
        let was = states.updateValue(state, forKey: id)
        guard !former.contains(was) else { return nil }
        return "\(id) is \(state.rawValue) after it was \(was?.rawValue ?? "nothing")"
    }
}
