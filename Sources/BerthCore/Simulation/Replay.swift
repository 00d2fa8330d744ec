package import BerthModel
internal import HeapModule

/// A trace replayed on one host: tasks arrive when they did, wait for what they ask, run for as long as they ran, and end.
///
/// Every decision is the core's own. The kernel and the plugins, which a replay has none of, do at once what they are told.
package struct Replay: Sendable {
    /// What became of each task, in their order.
    package private(set) var fates: [Fate]
    /// The mean over time of the GPUs that were free and of no use for what comes, of all; nil on a host without.
    package private(set) var fragmentation: Double?

    private let capacity: Capacity
    private let trace: Trace
    private let configuration: Configuration
    private let accounts: TracedAccounts
    private let fragments: Fragmentation
    private var state = State()
    private var clock: VirtualClock
    private var ends = Heap<End>()
    /// When those end who had to go for others.
    private var notices = Heap<Int64>()
    /// Which task one stands for that was queued again, and which reservation is a task's now, where it was.
    private var tasks: [ReservationID: Int] = [:]
    private var again: [Int: ReservationID] = [:]
    /// Whether something became free that those who wait may have.
    private var hasFreed = false
    /// Whether somebody was granted something.
    private var hasGranted = false
    /// When something ended last.
    private var lastEnd: Int64 = 0
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
    ///   - accounts: whose the tasks are, and where they go; nil is what the trace tells of it
    /// - Throws: where the host cannot have the pools
    package init(
        _ capacity: Capacity, _ trace: Trace, _ configuration: Configuration, accounts: TracedAccounts? = nil
    ) throws(ReplayError) {
        self.capacity = capacity
        self.trace = trace
        self.configuration = configuration
        self.accounts = accounts ?? TracedAccounts(trace)
        let first = trace.tasks.first?.arrival ?? 0
        clock = VirtualClock(start: trace.start + .milliseconds(first))
        fates = trace.tasks.map { Fate(arrived: $0.arrival - first) }
        fragments = Fragmentation(trace.tasks.lazy.map(\.shape))
        state.apply(.capacityChanged(capacity), at: clock.now.wall)
        if let configured = configuration.configured { state.preemptionTerms = configured.preemption }
        if case .refused(.poolInvalid(let fault)) = carryOut(.configurePools(configuration.pools(self.accounts))) {
            throw .pools(fault.reason)
        }
        try checkPools()
        run()
        let gpus = HostFree(capacity).gpu
        if gpus > .zero {
            fragmentation = clock.elapsed > 0 ? fragmentTime / Double(clock.elapsed) / Double(gpus.units) : 0
        }
    }

    /// The pool that a task goes to: there is none that its user may not use.
    package func pool(of task: TracedTask) -> PoolName { accounts.pool(of: task, in: state.pools) }

    /// The pools that there are.
    package var pools: Pools { state.pools }

    private func checkPools() throws(ReplayError) {
        for task in trace.tasks {
            guard let barring = accounts.barring(task, from: pool(of: task), of: state.pools) else { continue }
            throw .barred(user: trace.users[task.user], group: accounts.group(of: task), from: barring)
        }
    }

    private mutating func run() {
        var next = 0
        while true {
            let arrival = next < fates.count ? fates[next].arrived : nil
            let look = look
            guard let moment = [arrival, ends.min?.at, notices.min, look].compactMap({ $0 }).min() else {
                // Nothing runs and nobody comes: who waits now has all of the host, or waits for ever.
                guard !state.waiters.isEmpty else { return }
                carryOut(.admit(depth: state.waiters.count))
                if ends.isEmpty { return }
                continue
            }
            if moment == look { hasFreed = true }
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

    /// When those who wait are looked at, though nothing happens, for somebody waits for hours alone: a hundred times in each period
    /// in which these are counted, a minute apart or more, and when they are counted anew. Nil where nobody does, or it has been in
    /// vain for every such period.
    private var look: Int64? {
        let periods = state.accounts.accounting.periods
        guard !state.waiters.isEmpty, let longest = periods.max() else { return nil }
        if ends.isEmpty, clock.elapsed - lastEnd > 2 * longest { return nil }
        guard state.waiters.all.contains(where: isBarredByHours) else { return nil }
        let now = clock.now.wall.milliseconds
        return periods.map { period in
            // Less of a lease lies in this period the later it begins.
            let step = max(Replay.shortestStep, period / 100)
            let into = now - Accounting.start(of: period, at: now)
            return clock.elapsed + min(step - into % step, period - into)
        }.min()
    }

    /// Whether one waits for nothing but hours, of which there are more as time passes.
    private func isBarredByHours(_ waiter: Reservation) -> Bool {
        let claimant = state.claimant(waiter)
        let time = clock.now.wall.milliseconds
        func isOver(but isLeftOut: (Quota.Bound) -> Bool) -> Bool {
            state.policies.standing(of: claimant, at: time, but: isLeftOut) { state.accounts.account($0, at: time) }
                .isOver
        }
        return isOver { _ in false } && !isOver { if case .hours = $0 { true } else { false } }
    }

    /// In milliseconds: a trace may be years long.
    private static let shortestStep: Int64 = 60_000

    /// So many of those who wait are looked at when no more of the first of them can be granted, as the agent does each second.
    private static let depth = 1000

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
            end: .released, labels: traced.workflow.map { ["workflow": $0] } ?? [:], strategy: configuration.strategy,
            wait: Replay.patience, priority: configuration.priorities[user] ?? 0)
        request.pool = pool(of: traced)
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
        guard hasFreed else { return }
        var depth = State.admitDepth
        while !state.waiters.isEmpty {
            (hasFreed, hasGranted) = (false, false)
            carryOut(.admit(depth: depth))
            guard !hasFreed, !hasGranted else { continue }
            guard depth < min(Replay.depth, state.waiters.count) else { break }
            depth = Replay.depth
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
            hasGranted = true
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
            if let started = fates[task].started { fates[task].lost.append(started..<max(started, clock.elapsed)) }
            fates[task].started = nil
        case .ended(let id, _, _):
            let task = task(id)
            if fates[task].started != nil { fates[task].ended = clock.elapsed }
        case .freed: (hasFreed, lastEnd) = (true, clock.elapsed)
        default: break
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
        accounts.caller(of: trace.tasks[task], counted: state.pools.groups.map(\.name))
    }

    private static func id(_ task: Int) -> ReservationID { ReservationID(bits: UInt64(task) + 1) }

    private func task(_ id: ReservationID) -> Int { tasks[id] ?? Int(id.bits) - 1 }
}
