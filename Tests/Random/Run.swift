import BerthCore
import BerthJSON
import BerthModel
import Support

/// A fault that is planted between what is decided and what comes of it, to see that it is found.
enum Fault: String, CaseIterable {
    /// Somebody else is granted the same again.
    case overbooks
    /// What is given back is held still.
    case forgets
    /// What waits is ended, and granted all the same.
    case resurrects
    /// One of a gang is left out.
    case halves
    /// One user is never granted what it waited for.
    case starves
    /// An event is not in the log.
    case loses
    /// Who moves stays where it was, though the log says otherwise.
    case misplaces
    /// What is promised keeps nobody from anything.
    case forgetsPromises
    /// What is granted lasts longer than was decided.
    case outlasts
    /// Who had to go for others was released, as the log has it: there is no other end.
    case hushes

    /// What must be seen of it: another finding would be one by chance.
    func isSeen(in wrong: String) -> Bool {
        let words =
            switch self {
            case .overbooks: ["overbooked", "held twice", "CPUs left", " holds "]
            case .forgets: ["freed twice", "other reservations hold something"]
            case .resurrects: ["after it was failed"]
            case .halves: ["of the gang"]
            case .starves: ["wait for ever"]
            case .loses, .misplaces: ["a replay of the log makes another state"]
            case .forgetsPromises: ["at the start of"]
            case .outlasts: ["CPU time of"]
            case .hushes: ["no run came to end: preempted"]
            }
        return words.contains { wrong.contains($0) }
    }
}

/// One run: commands one after the other, with what must hold after each of them.
struct Run {
    private(set) var state: State
    private(set) var checker: Checker
    private(set) var promises: Promises
    private var hours: Hours
    private let scenario: Scenario
    private let fault: Fault?
    private var log: [(Event.Change, Timestamp)] = []
    private var last = Step(command: .tick, at: 0)
    private var changes = 0

    init(_ scenario: Scenario, planting fault: Fault? = nil) {
        self.scenario = scenario
        self.fault = fault
        state = scenario.state
        checker = Checker(scenario)
        promises = Promises(scenario)
        hours = Hours(scenario)
        for pool in [scenario.standard] + scenario.pools {
            _ = take(Step(command: .setPool(pool), at: 0))
        }
    }

    /// Decides one command and lets it come true.
    /// - Returns: what is wrong; nil where nothing is
    mutating func take(_ step: Step) -> String? {
        last = step
        hours.pass(to: step.now.wall, state)
        let decision = deciding(step.command, step.now).decide(step.command, step.now)
        let changes = planted(decision.changes)
        for change in changes {
            if let fault = apply(change, step.now) { return fault }
        }
        if case .refused = decision.answer, changes.contains(where: { if case .granted = $0 { true } else { false } }) {
            return "a refusal grants something"
        }
        return checker.fault(of: changes, state) ?? hours.fault(after: step.command, changes, state)
            ?? promises.fault(after: step.command, changes, state, step.now.wall)
    }

    /// What a command would lead to.
    func decided(_ step: Step) -> [Event.Change] { state.decide(step.command, step.now).changes }

    /// The state by which it is decided.
    private func deciding(_ command: Command, _ now: Now) -> State {
        guard fault == .forgetsPromises else { return state }
        switch command {
        case .reserve, .renew, .resize: break
        default: return state
        }
        var blind = state
        for promised in state.waiters.all where promised.waiting?.booking != nil {
            blind.apply(.ended(promised.id, .failed, .wait), at: now.wall)
            blind.apply(.freed(promised.id, nil), at: now.wall)
        }
        return blind
    }

    /// Whether one waits for a start that it was promised.
    private func isPromised(_ id: ReservationID, _ state: State? = nil) -> Bool {
        (state ?? self.state).waiters[id]?.waiting?.booking != nil
    }

    private mutating func apply(_ change: Event.Change, _ now: Now) -> String? {
        changes += 1
        if let wrong = checker.fault(of: change) ?? promises.fault(of: change, state, now.wall) { return wrong }
        if fault == .forgets, case .freed(let id, _) = change, id.bits % 8 == 0, !isPromised(id) { return nil }
        let isMisplaced: Bool =
            if case .moved(let id, _) = change { fault == .misplaces && state[id]?.isLive == true } else { false }
        let before = state
        state.apply(change, at: now.wall)
        if isMisplaced { state = before }
        let isLost: Bool =
            if case .granted(let one) = change { fault == .loses && one.id.bits % 16 == 0 } else { false }
        if !isLost { log.append((change, now.wall)) }
        return hasPassedQuota(change) ?? hasPassedPool(change, before)
    }

    private func planted(_ changes: [Event.Change]) -> [Event.Change] {
        switch fault {
        case .overbooks:
            return changes.flatMap { change -> [Event.Change] in
                guard case .granted(var twin) = change, twin.id.bits % 16 == 0, !isPromised(twin.id) else {
                    return [change]
                }
                twin.id = ReservationID(bits: twin.id.bits + 1 << 40)
                return [change, .granted(twin)]
            }
        case .resurrects:
            return changes.flatMap { change -> [Event.Change] in
                guard case .granted(let late) = change, state.waiters[late.id] != nil, late.id.bits % 8 == 0 else {
                    return [change]
                }
                return [.ended(late.id, .failed, .wait), .freed(late.id, nil), change]
            }
        case .halves:
            let first = changes.firstIndex { if case .granted(let one) = $0 { one.gang != nil } else { false } }
            return changes.enumerated().filter { $0.offset != first }.map(\.element)
        case .starves:
            return changes.filter {
                guard case .granted(let one) = $0 else { return true }
                return state.waiters[one.id] == nil || isPromised(one.id) || one.user != 3
            }
        case .outlasts:
            return changes.map { change in
                guard case .granted(var long) = change, let expiresAt = long.expiresAt else { return change }
                long.expiresAt = expiresAt + .milliseconds(Scenario.period)
                return .granted(long)
            }
        case .hushes:
            return changes.map { change in
                guard case .ended(let id, let state, .preempted) = change else { return change }
                return .ended(id, state, .released)
            }
        case .forgets, .loses, .misplaces, .forgetsPromises, nil: return changes
        }
    }

    /// No user has more than its hard quota.
    private func hasPassedQuota(_ change: Event.Change) -> String? {
        guard case .granted(let granted) = change, granted.grant[.cpu] != nil else { return nil }
        let own = state.reservations.values.filter { $0.user == granted.user }
        func held(in pool: PoolName?) -> Int64 {
            own.filter { one in pool.map { pool in state.pools.path(of: one.pool).contains { $0.name == pool } } ?? true
            }
            .reduce(Int64(0)) { $0 + ($1.grant[.cpu]?.amount.units ?? 0) }
        }
        if let most = scenario.mostOfUser, held(in: nil) > most {
            return "user \(granted.user) holds \(held(in: nil)) of \(most)"
        }
        for pool in state.pools.path(of: granted.pool) where scenario.ofPools[pool.name]?.quotas.all.isEmpty == false {
            guard held(in: pool.name) > Scenario.mostInPool else { continue }
            return "user \(granted.user) holds \(held(in: pool.name)) in \(pool.name)"
        }
        return nil
    }

    /// No pool grows beyond its most.
    private func hasPassedPool(_ change: Event.Change, _ before: State) -> String? {
        guard !state.pools.isTrivial else { return nil }
        let id: ReservationID
        switch change {
        // What was promised is had, whatever its pool was made meanwhile, or has not been freed of it yet.
        case .granted(let granted) where isPromised(granted.id, before): return nil
        case .granted(let granted): id = granted.id
        case .resized(let resized, _): id = resized
        case .moved(let moved, _): id = moved
        default: return nil
        }
        guard let pool = state[id]?.pool else { return nil }
        for pool in state.pools.path(of: pool) {
            for type in [ResourceType.cpu, .memory, .gpu] {
                guard let most = pool.most(of: type) else { continue }
                let (was, holds) = (before.held(by: pool.name)[type], state.held(by: pool.name)[type])
                if holds > Int128(most.units), holds > was {
                    return "\(pool.name) holds \(holds) \(type) of \(most.units)"
                }
            }
        }
        return nil
    }
}

extension Run {
    /// What is wrong in the sums, or in what a replay of the log makes.
    func faultOfState(withReplay: Bool) -> String? {
        if let fault = checker.fault(in: state) { return fault }
        guard withReplay else { return nil }
        var again = scenario.state
        for (change, time) in log {
            let event = Event(id: 1, at: time, change: change)
            do {
                let stored = try JSONValue(parsing: change.stored.description)
                again.apply(
                    try Event.Change(named: event.name, reservation: event.reservation, stored: stored), at: time)
            } catch {
                return "an event cannot be read back: \(error)"
            }
        }
        let isSame =
            again.reservations == state.reservations && again.holdings == state.holdings && again.pools == state.pools
            && again.accounts == state.accounts && again.nextDeadline == state.nextDeadline
            && again.nextMoment(last.now) == state.nextMoment(last.now) && again.maintenance == state.maintenance
            && Set(again.waiters.all) == Set(state.waiters.all)
        return isSame ? nil : "a replay of the log makes another state"
    }

    /// Lets everything end, with every unit well, no pool in the way and nothing promised: whoever waits gets what it waits for.
    mutating func faultOfDraining() -> String? {
        func at(_ command: Command) -> Step { Step(command: command, at: last.at) }
        var commands: [Command] = [.setCapacity(scenario.capacity), .noteUnmanaged(.zero)]
        commands += state.pools.all.map { pool in
            var open = Pool(pool.name, .dynamic, parent: pool.parent)
            open.policy = pool.policy
            return .setPool(open)
        }
        commands += state.maintenance.map { .removeWindow($0.id) }
        let promised = state.waiters.all.map(\.id).filter { isPromised($0) }.sorted()
        commands += promised.map { Command.release($0, Drawing.admin) }
        for command in commands { if let fault = take(at(command)) { return fault } }
        // Where all is free and nobody is granted anything, in a new period too, nobody ever will be.
        var idle = 0
        for _ in 0..<400 where idle < 2 {
            let before = changes
            // Who waits for hours waits for the next of their periods.
            if scenario.hoursOfUser != nil { last.at += Scenario.period }
            guard !state.waiters.isEmpty || !state.reservations.isEmpty else { return nil }
            let kept = state.reservations.values.sorted { $0.id < $1.id }
            for reservation in kept {
                let command = Command.release(reservation.id, Drawing.admin)
                if reservation.isLive, let fault = take(at(command)) { return fault }
                if let fault = take(at(.noteFreed(reservation.id, nil))) { return fault }
            }
            if let fault = take(at(.admit(depth: 1000))) { return fault }
            idle = changes == before ? idle + 1 : 0
        }
        // Who lies near others waits for those, and one of a gang for the rest of it.
        let starved = state.waiters.all.filter { waiter in
            let isNear = waiter.waiting?.request.affinity.contains { !$0.isPreferred } ?? false
            return !isNear && !state.waiters.gang(of: waiter).contains { $0.waiting?.request.affinity.isEmpty == false }
                && state.waiters.membersSoFar(of: waiter) == nil
        }
        guard let one = starved.min(by: { $0.id < $1.id }) else { return nil }
        return "\(starved.count) wait for ever, \(one.id) of user \(one.user) among them: \(state.refusal(of: one))"
    }
}
