import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Random commands from a printed seed; what must hold after each of them.
@Suite("Whatever is asked")
struct StatePropertyTests {
    @Test("nothing is ever held twice or beyond what there is, and a replay of the log makes the same state")
    func random() throws {
        var generator = SeededGenerator.named("state")
        for _ in 0..<20 {
            let capacity = try TestHost.capacity(
                reservedCPU: .random(in: 0...1500, using: &generator), cpu: .random(in: 4000...8000, using: &generator))
            var state = TestHost.state(capacity)
            var log: [(Event.Change, Timestamp)] = []
            let accounting = Event.Change.accountingChanged(Accounting(halfLife: 20_000, periods: [7000, 60_000]))
            state.apply(accounting, at: Timestamp(milliseconds: 0))
            log.append((accounting, Timestamp(milliseconds: 0)))
            let snapshotStep = Int.random(in: 0..<400, using: &generator)
            var restored: State?
            var checker = LogChecker(capacity)
            for step in 0..<400 {
                let now = Now(wall: Timestamp(milliseconds: Int64(step * 500)), uptime: Int64(step * 500))
                let decision = state.decide(command(&generator, state), now)
                for change in decision.changes {
                    state.apply(change, at: now.wall)
                    restored?.apply(change, at: now.wall)
                    log.append((change, now.wall))
                    let problem = checker.problem(with: change)
                    #expect(problem == nil, "\(problem ?? "") at step \(step), \(generator.note)")
                }
                if step == snapshotStep {
                    // A snapshot and what is read of it.
                    let memory = try Accounts.Memory.storedReader.read(
                        try JSONValue(parsing: state.accounts.memory.stored.description))
                    restored = TestHost.state(capacity)
                    restored?.restore(state.kept.shuffled(using: &generator), memory)
                }
                if decision.answer.refusal != nil { #expect(decision.changes.isEmpty || isUnenforceable(decision)) }
            }
            #expect(restored?.accounts == state.accounts, "\(generator.note)")
            #expect(state.accounts.subjects.count > 5)
            let replayed = try State.replaying(log, on: capacity)
            let isSame = replayed.reservations == state.reservations && replayed.holdings == state.holdings
            #expect(isSame, "\(generator.note)")
            #expect(replayed.accounts == state.accounts, "\(generator.note)")
            #expect(replayed.nextDeadline == state.nextDeadline, "\(generator.note)")
        }
    }

    @Test("the checker of logs sees an overbooking that is planted")
    func planted() throws {
        let capacity = try TestHost.capacity()
        for grant in [
            Grant([Hold(.memory, amount: Quantity(501), limit: nil)]),
            Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [2, 3])]),
            Grant([
                Hold(.gpu, amount: Quantity(1000), limit: nil, units: [.init(name: "gpu0", quantity: Quantity(1000))])
            ]),
            Grant([
                Hold(.gpu, amount: Quantity(501), limit: nil, units: [.init(name: "gpu0", quantity: Quantity(501))])
            ]),
        ] {
            var checker = LogChecker(capacity)
            #expect(checker.problem(with: .granted(reservation(1, grant))) == nil)
            #expect(checker.problem(with: .granted(reservation(2, grant))) != nil)
            var second = LogChecker(capacity)
            #expect(second.problem(with: .granted(reservation(1, grant))) == nil)
            #expect(second.problem(with: .freed(id(1), nil)) == nil)
            #expect(second.problem(with: .granted(reservation(2, grant))) == nil)
        }
    }

    private func isUnenforceable(_ decision: Decision) -> Bool {
        if case .unenforceable = decision.answer.refusal { true } else { false }
    }

    private func reservation(_ number: UInt64, _ grant: Grant) -> Reservation {
        Reservation(
            id: id(number), user: 1, request: ReservationRequest(resources: Resources()), grant: grant, retry: nil,
            createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
    }

    private func command(_ generator: inout SeededGenerator, _ state: State) -> Command {
        let known = state.reservations.keys.sorted()
        let some = known.randomElement(using: &generator) ?? id(999)
        var caller = [user, user, other, admin].randomElement(using: &generator) ?? user
        caller.group = caller.user == 2 ? "physics" : nil
        let process = ProcessIdentity(pid: .random(in: 1...5, using: &generator), startTicks: 1, boot: "b")
        switch Int.random(in: 0..<21, using: &generator) {
        case 0..<8:
            let lease: Duration? =
                Bool.random(using: &generator) ? .seconds(Int.random(in: 1...60, using: &generator)) : nil
            let request = ReservationRequest(
                resources: resources(&generator), lease: lease,
                labels: Bool.random(using: &generator)
                    ? ["workflow": "w\(Int.random(in: 0..<9, using: &generator))"] : [:],
                enforce: Int.random(in: 0..<8, using: &generator) == 0 ? .required : .preferred,
                strategy: Strategy.allCases.randomElement(using: &generator))
            return .reserve(id(.random(in: 1...1 << 40, using: &generator)), request, caller, nil)
        case 8..<10: return .release(some, caller)
        case 10..<12: return .noteFreed(some, nil)
        case 12: return .renew(some, .seconds(Int.random(in: 1...60, using: &generator)), caller)
        case 13..<15: return .resize(some, change(&generator), caller)
        case 15: return .noteAttached(some, process)
        case 16: return .noteExited(some, process)
        case 17:
            return .noteEnforced(some, [Receipt(.cpu, status: Bool.random(using: &generator) ? .enforced : .advisory)])
        case 18: return .noteAttachFailed(some)
        case 19: return .noteOutside(some, Bool.random(using: &generator) ? [process] : [])
        default: return .tick
        }
    }

    private func resources(_ generator: inout SeededGenerator) -> Resources {
        let resources = (try? change(&generator).resolved()) ?? Resources()
        return resources.isEmpty ? Resources([Ask(.pids, amount: Quantity(10))]) : resources
    }

    private func node(_ generator: inout SeededGenerator) -> Constraint {
        ([0, 1, 0, 1, ">=0", "!=0", "<1"] as [Constraint]).randomElement(using: &generator) ?? 0
    }

    private func change(_ generator: inout SeededGenerator) -> ResourceChange {
        var change = ResourceChange(parts: [], storage: [])
        func amount(_ range: ClosedRange<Int64>) -> Quantity { Quantity(.random(in: range, using: &generator)) }
        func sometimes(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &generator) == 0 }
        if !sometimes(3) {
            var part = ResourceChange.Part(type: .cpu)
            part.amount = amount(10...3000)
            part.exclusive = sometimes(2) ? true : nil
            if part.exclusive == true, sometimes(3) { part.constraints = ["numa": node(&generator)] }
            change.parts.append(part)
        }
        if sometimes(2) {
            var part = ResourceChange.Part(type: .memory)
            part.amount = amount(1...400)
            if sometimes(2) { part.constraints = ["numa": node(&generator)] }
            change.parts.append(part)
        }
        if sometimes(3) { change.parts.append(ResourceChange.Part(type: .pids, amount: amount(1...200))) }
        if sometimes(3) {
            let share = sometimes(2) ? amount(1...100).units * 10 : 1000
            change.parts.append(ResourceChange.Part(type: .gpu, amount: Quantity(share)))
        }
        if sometimes(3) { change.parts.append(ResourceChange.Part(type: .network, amount: amount(1...600))) }
        if sometimes(3) {
            change.storage = [StorageAsk(device: "sda", rates: StorageRates(write: amount(1...60)))]
        }
        return change
    }
}

/// Adds up a log by itself, in other code than the core's, and says where more is held than there is.
struct LogChecker {
    let capacity: Capacity
    private var grants: [ReservationID: Grant] = [:]

    init(_ capacity: Capacity) { self.capacity = capacity }

    mutating func problem(with change: Event.Change) -> String? {
        switch change {
        case .granted(let reservation): grants[reservation.id] = reservation.grant
        case .resized(let id, let grant): grants[id] = grant
        case .freed(let id, _): grants[id] = nil
        default: return nil
        }
        let holds = grants.values.flatMap(\.holds)
        func sum(_ type: ResourceType) -> Int64 { holds.filter { $0.type == type }.map(\.amount.units).reduce(0, +) }
        if sum(.cpu) > capacity.cpu.units - capacity.reservedCPU.units { return "CPU time is overbooked" }
        if sum(.memory) > capacity.memory.units - capacity.reservedMemory.units { return "memory is overbooked" }
        if let pids = capacity.pids, sum(.pids) > pids.units { return "processes are overbooked" }
        for (node, memory) in capacity.nodeMemory {
            let bound = holds.filter { $0.type == .memory && $0.nodes == [node] }.map(\.amount.units).reduce(0, +)
            if bound > memory.units { return "memory of node \(node) is overbooked" }
        }
        var cpus: Set<Int> = []
        for cpu in holds.flatMap({ $0.cpus.map(Array.init) ?? [] }) where !cpus.insert(cpu).inserted {
            return "CPU \(cpu) is held twice"
        }
        for core in capacity.topology.groups(.core) {
            let owners = holds.filter { $0.cpus.map { !$0.isDisjoint(with: core.cpus) } ?? false }
            if owners.contains(where: { $0.cpus.map { !core.cpus.isSubset(of: $0) } ?? false }) {
                return "half a core is held"
            }
        }
        let shared = holds.filter { $0.type == .cpu && $0.cpus == nil }.map(\.amount.units).reduce(0, +)
        if shared > Int64(capacity.cpus.count - cpus.count) * 1000 { return "the shared set is too small" }
        for unit in capacity.gpus + capacity.interfaces {
            let held = holds.flatMap(\.units).filter { $0.name == unit.name }.map(\.quantity.units).reduce(0, +)
            if let whole = unit.capacity, held > whole.units { return "\(unit.name) is overbooked" }
        }
        let writes = grants.values.flatMap(\.storage).filter { $0.device == "sda" }.compactMap(\.rates.write?.units)
        return writes.reduce(0, +) > 100 ? "sda is overbooked" : nil
    }
}
