import BerthCore
import BerthJSON
import BerthModel
import Support

/// One command, and when it comes, in milliseconds since the run began.
struct Step {
    var command: Command
    var at: Int64

    /// When runs begin, in milliseconds since 1970.
    static let first: Int64 = 1_000_000

    var now: Now { Now(wall: Timestamp(milliseconds: Step.first + at), uptime: at) }
}

extension Step: CustomStringConvertible {
    var description: String {
        switch command {
        case .reserve(let id, let request, let caller, _):
            let user = "user \(caller.user) of \(caller.group ?? "no group")"
            return "at \(at): reserve \(id) for \(user): \(JSONValue.object(request.json))"
        case .setCapacity(let capacity):
            let failed = capacity.gpus.filter { $0.failure != nil }.map(\.name)
            return "at \(at): \(failed.isEmpty ? "no unit has" : failed.joined(separator: ", ") + " has") failed"
        case .setPool(let pool): return "at \(at): setPool \(JSONValue.object(pool.json))"
        case .addWindow(let window): return "at \(at): addWindow \(JSONValue.object(window.json))"
        default: return "at \(at): \(command)"
        }
    }
}

/// Draws commands of every kind, mostly such as make sense.
struct Drawing {
    var random: SeededGenerator
    let scenario: Scenario
    private var number: UInt64 = 0
    private var at: Int64 = 0

    init(_ random: SeededGenerator, _ scenario: Scenario) {
        self.random = random
        self.scenario = scenario
    }

    static let admin = Caller(user: 0, isAdmin: true, caps: Caps())

    mutating func next(_ state: State) -> Step {
        let former = at
        at += Int64.random(in: 0...800, using: &random)
        // The agent wakes when what was promised begins.
        let starts = state.waiters.all.compactMap { $0.waiting?.booking?.start.milliseconds }.map { $0 - Step.first }
        if let start = starts.filter({ former < $0 && $0 <= at }).min(), odds(4) {
            at = start
            return Step(command: .admit(depth: State.admitDepth), at: at)
        }
        return Step(command: command(state), at: at)
    }

    private mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        .seconds(Int.random(in: range, using: &random))
    }

    private mutating func odds(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &random) == 0 }

    private mutating func some<Values: Collection>(_ values: Values, or other: Values.Element) -> Values.Element {
        values.randomElement(using: &random) ?? other
    }

    private mutating func command(_ state: State) -> Command {
        let held = some(state.reservations.keys.sorted(), or: ReservationID(bits: 1))
        let waits = some(state.waiters.all.map(\.id).sorted(), or: held)
        let ended = state.reservations.values.filter { !$0.isLive }.map(\.id).min()
        if let ended, odds(3) { return .noteFreed(ended, nil) }
        let process = ProcessIdentity(pid: .random(in: 1...4, using: &random), startTicks: 1, boot: "b")
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<12:
            number += 1
            // Only such as a client can write.
            guard let request = try? ReservationRequest.reader.read(.object(request(state).json)) else { return .tick }
            return .reserve(ReservationID(bits: number), request, caller, nil)
        case 12..<16: return .release(odds(4) ? waits : held, odds(4) ? caller : Drawing.admin)
        case 16: return .renew(held, seconds(1...60), Drawing.admin)
        case 17..<19: return .resize(held, change, Drawing.admin)
        case 19: return .move(odds(2) ? waits : held, to: pool, Drawing.admin)
        case 20..<22:
            let gang = state.reservations[held]?.gang
            let user = Caller(user: state.reservations[held]?.user ?? 1, isAdmin: false, caps: Caps())
            return .arrive(
                held, at: "b\(Int.random(in: 0..<2, using: &random))", size: gang == nil ? 2 : nil, generation: nil,
                user)
        case 22..<24: return .noteAttached(held, process)
        case 24: return .noteExited(held, state.reservations[held]?.attached.first ?? process)
        case 25:
            let left = state.reservations.values.filter { $0.isLive && $0.wasAttached && $0.attached.isEmpty }
            return .noteEmptied(left.map(\.id).min() ?? held, outOfMemory: odds(3))
        case 26:
            let status: Receipt.Status = odds(2) ? .enforced : .advisory
            return .noteEnforced(held, [Receipt(.cpu, status: status)])
        case 27: return odds(3) ? .noteUnenforced(held, [], reason: "no") : .noteOutside(held, odds(2) ? [process] : [])
        case 28 where odds(4): return .noteUnprovided(held, .gpu, reason: "no", hint: nil)
        case 28:
            return odds(3) ? .noteAttachFailed(held) : .noteUnmanaged(Quantity(.random(in: 0...200, using: &random)))
        case 29: return poolCommand(state)
        case 30: return odds(2) ? capacityCommand : windowCommand(state)
        case 31..<33: return .tick
        default: return .admit(depth: odds(4) ? 1000 : State.admitDepth)
        }
    }

    private var caller: Caller {
        mutating get {
            let user = UInt32.random(in: 1...4, using: &random)
            return Caller(user: user, isAdmin: false, caps: Caps(), group: ["physics", "arts", nil][Int(user) % 3])
        }
    }

    private var pool: PoolName {
        mutating get { odds(3) ? .standard : some(scenario.pools.map(\.name), or: .standard) }
    }

    /// Pools are made smaller and larger, weighed anew, drained and made again, and say anew who goes first.
    private mutating func poolCommand(_ state: State) -> Command {
        let former = some(scenario.pools + [scenario.standard], or: scenario.standard)
        var pool = former
        if former.name != .standard {
            if odds(4) { return .removePool(former.name, drain: odds(2)) }
            pool = Scenario.pool(former.name, former.kind, former.parent, &random)
        }
        pool.policy = former.policy.map { odds(2) ? Scenario.policy($0.quotas, &random) : $0 }
        return .setPool(pool)
    }

    /// Units fail, and are well again.
    private var capacityCommand: Command {
        mutating get {
            var capacity = scenario.capacity
            if odds(2) { capacity.gpus[Int.random(in: 0..<4, using: &random)].failure = "it fell off the bus" }
            return .setCapacity(capacity)
        }
    }

    /// Windows are put in, often under a name that is taken, and taken out.
    private mutating func windowCommand(_ state: State) -> Command {
        if odds(3), let window = state.maintenance.randomElement(using: &random) { return .removeWindow(window.id) }
        let start = Timestamp(milliseconds: 1_000_000 + at + .random(in: 0...30_000, using: &random))
        var covers = Withheld()
        switch Int.random(in: 0..<6, using: &random) {
        case 0: covers = .everything
        case 1: covers.types = [.cpu]
        case 2: covers.types = [.memory]
        case 3: covers.units = [.network: ["eth0"]]
        default: covers.units = [.gpu: ["gpu\(Int.random(in: 0..<4, using: &random))"]]
        }
        let window = MaintenanceWindow(
            id: "w\(Int.random(in: 0..<4, using: &random))", start: start,
            end: start + .milliseconds(Int64.random(in: 500...10_000, using: &random)), covers: covers)
        // Only such as a client can write.
        guard let read = try? MaintenanceWindow.reader.read(.object(window.json)) else { return .tick }
        return .addWindow(read)
    }

    // MARK: - Requests

    private mutating func request(_ state: State) -> ReservationRequest {
        var request = ReservationRequest(
            resources: resources, lease: odds(2) ? seconds(1...40) : nil,
            wait: odds(3) ? nil : .seconds(odds(4) ? 10 : 1_000_000), priority: .random(in: -2...2, using: &random))
        request.strategy = odds(3) ? nil : Strategy.allCases.randomElement(using: &random)
        request.enforce = odds(10) ? .required : .preferred
        if odds(4) { request.end = .empty }
        if odds(2) { request.name = odds(2) ? "train" : "test" }
        if odds(3) { request.labels["app"] = odds(2) ? "a" : "b" }
        if odds(4) { request.labels["workflow"] = "w\(Int.random(in: 0..<3, using: &random))" }
        if odds(6) { request.alternatives = [resources] }
        if odds(8) { request.affinity = [affinity(state)] }
        if odds(8) { request.antiAffinity = [affinity(state)] }
        if odds(10) { request.same = .numa }
        request.pool = pool
        if odds(4) { request.warning = Warning(.user1, before: seconds(1...20)) }
        request.isRequeued = odds(3)
        if odds(4), request.wait != nil, request.strategy != .priority {
            let number = Int.random(in: 0..<4, using: &random)
            request.gang = Gang(id: "g\(number)", size: 2 + number % 2)
            request.priority = 0
            request.labels["workflow"] = nil
            request.pool = scenario.pools.isEmpty || number < 2 ? .standard : scenario.pools[0].name
        }
        if odds(4), request.gang == nil {
            (request.start, request.lease, request.wait) = (start(state), seconds(1...40), nil)
        }
        return request
    }

    /// Some time to come; often just when something else ends.
    private mutating func start(_ state: State) -> Timestamp {
        let now = Timestamp(milliseconds: 1_000_000 + at)
        let ends = state.kept.compactMap { $0.waiting?.booking?.end ?? ($0.isLive ? $0.expiresAt : nil) }
        let next = ends.filter { $0 > now }.sorted().randomElement(using: &random)
        if let next, odds(2) { return next }
        return now + .milliseconds(Int64.random(in: 1...40_000, using: &random))
    }

    private mutating func affinity(_ state: State) -> Affinity {
        let target: Affinity.Target =
            odds(2)
            ? .labels(["app": odds(2) ? "a" : "b"])
            : .reservation(some(state.reservations.keys.sorted(), or: ReservationID(bits: 1)))
        return Affinity(target, by: odds(3) ? .unit : .numa, isPreferred: odds(2))
    }

    private var resources: Resources {
        mutating get {
            var asks: [Ask] = []
            if !odds(4) { asks.append(ask(.cpu, 1...4000)) }
            if asks.isEmpty || odds(2) { asks.append(ask(.memory, 1...400)) }
            if odds(5) { asks.append(ask(.pids, 1...200)) }
            if odds(3) { asks.append(ask(.gpu, 1...2)) }
            if odds(6) { asks.append(ask(.network, 1...600)) }
            let storage = odds(6) ? [StorageAsk(device: "sda", rates: StorageRates(write: Quantity(40)))] : []
            let isOpen = storage.isEmpty && odds(8)
            return Resources(
                asks, storage: storage, disks: isOpen ? [DiskAsk([:], rates: StorageRates(write: Quantity(30)))] : [])
        }
    }

    private mutating func ask(_ type: ResourceType, _ range: ClosedRange<Int64>) -> Ask {
        let isShare = type == .gpu && odds(2)
        let step: Int64 = type == .gpu ? isShare ? 10 : 1000 : 1
        let amount =
            isShare ? Int64.random(in: 1...100, using: &random) * 10 : Int64.random(in: range, using: &random) * step
        var ask = Ask(type, amount: Quantity(amount))
        if type == .cpu, odds(3) {
            (ask.exclusive, ask.amount) = (true, Quantity(1000 * .random(in: 1...4, using: &random)))
        }
        if odds(5) { ask.minimum = Quantity(max(step, ask.amount.units / 2 / step * step)) }
        if ask.minimum == ask.amount { ask.minimum = nil }
        if type == .memory || ask.exclusive, odds(4) {
            ask.constraints["numa"] = ([0, 1, ">=0"] as [Constraint]).randomElement(using: &random)
        }
        if type == .gpu, odds(4) { ask.constraints["model"] = odds(2) ? "A" : "~B*" }
        return ask
    }

    private var change: ResourceChange {
        mutating get {
            var parts: [ResourceChange.Part] = []
            if odds(2) { parts.append(.init(type: .cpu, amount: Quantity(.random(in: 1...4, using: &random) * 500))) }
            if odds(2) { parts.append(.init(type: .memory, amount: Quantity(.random(in: 1...300, using: &random)))) }
            if odds(4) { parts.append(.init(type: .gpu, amount: Quantity(1000))) }
            return ResourceChange(parts: parts, storage: [])
        }
    }
}
