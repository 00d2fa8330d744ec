package import BerthModel
internal import HeapModule

/// A trace replayed on one host: tasks arrive when they did, wait for what they ask, run for as long as they ran, and end.
///
/// Every decision is the core's own. The kernel and the plugins, which a replay has none of, do at once what they are told.
package struct Replay: Sendable {
    /// What of a configuration makes a difference.
    package struct Configuration: Hashable, Sendable {
        /// How units are chosen.
        package var strategy: Strategy
        /// Who goes first.
        package var policy: Order
        /// What is known beforehand of how long a task will run.
        package var declared: Declared
        /// Priorities of users, by name; zero is that of all others.
        package var priorities: [String: Int]
        /// Weights of users, by name, for the policy that goes by them; one is that of all others.
        package var weights: [String: Int]
        /// What each user may have at a time, under any policy.
        package var quotas: [Quota.Bound]

        package init(
            strategy: Strategy = .standard, policy: Order = .priority, declared: Declared = .trace,
            priorities: [String: Int] = [:], weights: [String: Int] = [:],
            quotas: [Quota.Bound] = []
        ) {
            self.strategy = strategy
            self.policy = policy
            self.declared = declared
            self.priorities = priorities
            self.weights = weights
            self.quotas = quotas
        }
    }

    /// Who goes first: the core's policies by name.
    package enum Order: String, Hashable, Sendable, CaseIterable {
        /// By priority, and first come, first served.
        case priority
        /// Whoever has and had the least.
        case fair
        /// Whoever has the least for its weight.
        case weighted
        /// As priority, within quotas.
        case quota
    }

    /// What is known beforehand of how long a task will run: that is its lease.
    package enum Declared: String, Hashable, Sendable, CaseIterable {
        /// What its user declared, where the trace tells it.
        case trace
        /// How long it did run.
        case exact
        /// Nothing.
        case none
    }

    /// What became of each task, in their order.
    package private(set) var fates: [Fate]
    /// The mean over time of the GPUs that were free and of no use for what comes, of all; nil on a host without.
    package private(set) var fragmentation: Double?

    private let capacity: Capacity
    private let trace: Trace
    private let configuration: Configuration
    private let fragments: Fragmentation
    private var state = State()
    private var clock = VirtualClock()
    private var ends = Heap<End>()
    /// When those end who had to go for others.
    private var notices = Heap<Int64>()
    /// Which task one stands for that was queued again, and which reservation is a task's now, where it was.
    private var tasks: [ReservationID: Int] = [:]
    private var again: [Int: ReservationID] = [:]
    /// Whether something became free that those who wait may have.
    private var hasFreed = false
    /// Fragments times milliseconds, until now.
    private var fragmentTime = 0.0

    /// When a task has run for as long as it did.
    private struct End: Comparable {
        var at: Int64
        var task: Int
        /// Which of its runs it is the end of, for one that was preempted runs again.
        var run: Int

        static func < (left: End, right: End) -> Bool { (left.at, left.task) < (right.at, right.task) }
    }

    /// Longer than any trace: nobody gives up.
    private static let patience = Duration.seconds(100 * 366 * 86_400)

    /// Replays a trace.
    /// - Parameters:
    ///   - capacity: the host
    ///   - trace: the tasks, all of which ran once
    ///   - configuration: what decides
    package init(_ capacity: Capacity, _ trace: Trace, _ configuration: Configuration) {
        self.capacity = capacity
        self.trace = trace
        self.configuration = configuration
        let first = trace.tasks.first?.arrival ?? 0
        fates = trace.tasks.map { Fate(arrived: $0.arrival - first) }
        fragments = Fragmentation(trace.tasks.lazy.map(\.shape))
        state.apply(.capacityChanged(capacity), at: clock.now.wall)
        state.policy = policy
        carryOut(.setAccounting(state.policy.accounting))
        run()
        let gpus = HostFree(capacity).gpu
        if gpus > .zero {
            fragmentation = clock.elapsed > 0 ? fragmentTime / Double(clock.elapsed) / Double(gpus.units) : 0
        }
    }

    private mutating func run() {
        var next = 0
        while true {
            let arrival = next < fates.count ? fates[next].arrived : nil
            guard let moment = [arrival, ends.min?.at, notices.min].compactMap({ $0 }).min() else {
                // Nothing runs and nobody comes: who waits now has all of the host, or waits for ever.
                guard !state.waiters.isEmpty else { return }
                carryOut(.admit(depth: state.waiters.count))
                if ends.isEmpty { return }
                continue
            }
            advance(to: moment)
            while let end = ends.min, end.at <= moment {
                ends.removeMin()
                finish(end)
            }
            while let notice = notices.min, notice <= moment { notices.removeMin() }
            if let deadline = state.nextDeadline, deadline <= moment { carryOut(.tick) }
            admit()
            while next < fates.count, fates[next].arrived <= moment {
                arrive(next)
                next += 1
            }
        }
    }

    private mutating func advance(to moment: Int64) {
        guard moment > clock.elapsed else { return }
        if !capacity.gpus.isEmpty {
            let free = HostFree(capacity, holding: state.holdings)
            fragmentTime += fragments.fragments(free) * Double(moment - clock.elapsed)
        }
        clock.advance(to: moment)
    }

    private mutating func arrive(_ task: Int) {
        let traced = trace.tasks[task]
        let user = trace.users[traced.user]
        var request = ReservationRequest(
            name: String(traced.name.prefix(128)), resources: traced.shape.resources, lease: lease(of: traced),
            end: .released, strategy: configuration.strategy, wait: Replay.patience,
            priority: configuration.priorities[user] ?? 0)
        request.isRequeued = true
        if case .refused = carryOut(.reserve(Replay.id(task), request, caller(of: task), nil)) {
            fates[task].refused = true
        }
    }

    private mutating func finish(_ end: End) {
        guard fates[end.task].ended == nil, fates[end.task].preemptions == end.run else { return }
        carryOut(.release(again[end.task] ?? Replay.id(end.task), caller(of: end.task)))
    }

    private mutating func admit() {
        while hasFreed, !state.waiters.isEmpty {
            hasFreed = false
            carryOut(.admit(depth: State.admitDepth))
        }
        hasFreed = false
    }

    /// Decides, applies, and does what the kernel would.
    @discardableResult
    private mutating func carryOut(_ command: Command) -> Answer {
        let decision = state.decide(command, clock.now)
        for change in decision.changes {
            state.apply(change, at: clock.now.wall)
            note(change)
        }
        for effect in decision.effects {
            switch effect {
            case .enforce(let id):
                let process = ProcessIdentity(pid: 1, startTicks: id.bits, boot: "")
                carryOut(.noteAttached(id, process))
            case .end(let id): carryOut(.noteFreed(id, nil))
            // What has had its notice makes use of its time.
            case .resize, .move, .signal, .ceiling: break
            }
        }
        return decision.answer
    }

    private mutating func note(_ change: Event.Change) {
        switch change {
        case .granted(let reservation):
            let task = task(reservation.id)
            fates[task].started = clock.elapsed
            fates[task].ended = nil
            let length = trace.tasks[task].duration ?? 0
            ends.insert(End(at: clock.elapsed + length, task: task, run: fates[task].preemptions))
        case .queued(let reservation):
            guard let former = reservation.requeueOf else { return }
            let task = task(former)
            tasks[reservation.id] = task
            again[task] = reservation.id
        case .preempted(_, _, let deadline): notices.insert(deadline)
        case .ended(let id, _, .preempted):
            let task = task(id)
            fates[task].preemptions += 1
            fates[task].started = nil
        case .ended(let id, _, _):
            let task = task(id)
            if fates[task].started != nil { fates[task].ended = clock.elapsed }
        case .freed: hasFreed = true
        default: break
        }
    }

    private var policy: Policy {
        let quotas = Quotas(configuration.quotas.map { Quota(.each(.user), isHard: true, $0) })
        switch configuration.policy {
        case .priority, .quota: return Policy(.priority, quotas: quotas)
        case .fair: return Policy(.fair(remembers: true, overGroups: false), quotas: quotas)
        case .weighted:
            var weights: [UInt32: Int] = [:]
            for (index, name) in trace.users.enumerated() { weights[Replay.user(index)] = configuration.weights[name] }
            return Policy(.weighted(Policy.Weights(users: weights)), quotas: quotas)
        }
    }

    /// A task that ran longer than was declared had been let: it is not cut short here.
    private func lease(of task: TracedTask) -> Duration? {
        let ran = max(1, task.duration ?? 1)
        return switch configuration.declared {
        case .none: nil
        case .exact: .milliseconds(ran)
        case .trace: task.limit.map { .milliseconds(max(ran, $0)) }
        }
    }

    private func caller(of task: Int) -> Caller {
        Caller(user: Replay.user(trace.tasks[task].user), isAdmin: false, caps: Caps())
    }

    /// Numbers of users from one on: zero is root.
    private static func user(_ index: Int) -> UInt32 { UInt32(index) + 1 }

    private static func id(_ task: Int) -> ReservationID { ReservationID(bits: UInt64(task) + 1) }

    private func task(_ id: ReservationID) -> Int { tasks[id] ?? Int(id.bits) - 1 }
}
