internal import BerthCore
internal import BerthModel

/// From a decision to the ledger: numbering, applying, storing, publishing.
extension Agent {
    /// So many events after a snapshot the next one is stored.
    private static let snapshotInterval = 10_000

    /// Decides a command and applies what it leads to, at once. What must be stored goes to the ledger in this order;
    /// `stored` waits for it.
    func carryOut(_ command: Command) -> (decision: Decision, stored: Storing) {
        // What cannot be stored is not decided; what happens meanwhile is looked for afterwards.
        guard phase != .reloading else { return (Decision(answer: .nothing), Storing(last: 0)) }
        let now = ports.clock.now()
        let decision = decide(command, now)
        let stored = record(decision.changes, at: now.wall)
        meet(decision, stored)
        if decision.changes.contains(where: { Agent.mayFree($0) || completesGang($0) }) { admitWaiting() }
        return (decision, stored)
    }

    /// Applies changes and hands them to the ledger.
    func record(_ changes: [Event.Change], at time: Timestamp) -> Storing {
        // Where nothing changes, the answer may rest on a change that is still on its way to the ledger: it waits behind it.
        guard !changes.isEmpty || !unstored.isEmpty else { return Storing(last: 0) }
        var batch = LedgerBatch(events: [])
        var withdrawn: [Reservation] = []
        let pools = state.pools
        for change in changes {
            var event = Event(id: nextEvent, at: time, change: change)
            nextEvent += 1
            event.user = event.reservation.flatMap { state[$0]?.user }
            switch change {
            case .granted(let reservation), .queued(let reservation): event.user = reservation.user
            default: break
            }
            if case .freed(let id, let usage) = change, var reservation = state[id] {
                if state.waiters[id] != nil { withdrawn.append(reservation) }
                reservation.usage = usage
                for process in reservation.attached { letGo(process) }
                // Nothing of it runs any more, though the kernel's word of that may still be on its way.
                reservation.attached = []
                reservation.left = []
                batch.ended.append(reservation)
                freedCount += 1
            }
            let devices = devices(in: change)
            state.apply(change, at: time)
            if case .queued = change { attend() }
            if devices != self.devices(in: change) { keepDevices() }
            batch.events.append(event)
        }
        if state.pools != pools { bringing = Task { await self.ports.enforcer.use(self.state.pools) } }
        unsnapshotted += changes.count
        if unsnapshotted >= Agent.snapshotInterval {
            unsnapshotted = 0
            batch.snapshot = snapshot()
        }
        unstored += batch.events
        setAlarm()
        let storing = Storing(last: nextEvent - 1)
        ports.ledger.store(batch) { result in storing.finish(result) }
        for reservation in withdrawn { noteWithdrawn(reservation, storing) }
        return storing
    }

    /// The state as it is now, for the ledger.
    func snapshot() -> Snapshot {
        Snapshot(
            event: nextEvent - 1, capacity: state.capacity, boot: state.boot,
            reservations: state.kept, memory: state.accounts.memory, pools: state.pools,
            maintenance: state.keptMaintenance, durations: state.durations)
    }

    /// Stores the state as it is now, so that the next start need not read the log.
    package func storeSnapshot() async {
        guard phase != .reloading else { return }
        let storing = Storing(last: nextEvent - 1)
        ports.ledger.store(LedgerBatch(events: [], snapshot: snapshot())) { result in storing.finish(result) }
        // The next start reads the log then.
        do throws(LedgerError) { try await storing.value() } catch { whenLedgerFails(error) }
    }

    /// Waits until what was recorded is durable, and shows it to streams.
    func settle(_ storing: Storing) async throws(AgentError) {
        guard storing.last > 0 else { return }
        do throws(LedgerError) {
            try await storing.value()
        } catch {
            await reload(for: error)
            throw .ledger(error)
        }
        publish(through: storing.last)
    }

    /// Stores in the background what nobody waits for. One task sees to all of it, for the ledger keeps the order: where
    /// the latest is durable, so is what came before.
    func settleLater(_ storing: Storing) {
        guard storing.last > 0 else { return }
        let isSeenTo = unawaited != nil
        unawaited = storing
        guard !isSeenTo else { return }
        Task {
            while let latest = self.unawaited {
                try? await self.settle(latest)
                if self.unawaited === latest { self.unawaited = nil }
            }
        }
    }

    /// The ledger keeps the order, so everything up to a durable event is durable.
    private func publish(through last: Int64) {
        let count = unstored.prefix { $0.id <= last }.count
        guard count > 0 else { return }
        recent.append(unstored.prefix(count))
        unstored.removeFirst(count)
        let woken = listeners
        listeners = [:]
        for listener in woken.values { listener.resume() }
    }

    /// Has the clock wake the agent for the next deadline.
    func setAlarm() {
        let next = state.nextMoment(ports.clock.now())
        guard next != alarm else { return }
        alarm = next
        ports.clock.wake(at: alarm) { [weak self] in
            Task { await self?.tick() }
        }
    }

    /// Ends what is over, and begins what was promised for now.
    private func tick() {
        alarm = nil
        if phase == .serving || phase == .draining {
            // Whoever waited for a window to be over has its turn before its wait runs out.
            if state.hasMaintenance { admitWaiting() }
            let (decision, stored) = carryOut(.tick)
            settleLater(stored)
            follow(decision.effects)
            if state.isDue(ports.clock.now()) { admitWaiting() }
        }
        setAlarm()
    }

    /// What was decided and could not be stored has not happened: back to what the ledger has. Nothing is decided any more
    /// until something can be stored again.
    private func reload(for failure: LedgerError) async {
        tellOfLedger(failure)
        guard phase != .reloading else { return }
        let former = phase
        phase = .reloading
        guard await readBack() else { return }
        Task {
            while await !self.canStore() {
                try? await Task.sleep(for: Agent.patience)
                guard await self.readBack() else { return }
            }
            await self.goOn(as: former)
        }
    }

    /// How long a disk that is full is left alone.
    private static let patience: Duration = .seconds(1)

    /// Takes the state from the ledger. False where that has lost what it had: what is in another one is not what runs, and
    /// to grant by it would be to grant twice.
    private func readBack() async -> Bool {
        while true {
            do throws(LedgerError) {
                let contents = try await ports.ledger.load()
                // It may also tell of what it passed over, which the start has told of.
                if contents.epoch != epoch {
                    let damage = contents.setAside ?? "it is another one"
                    tellOfLedger(LedgerError(damage))
                    whenLedgerIsLost(damage)
                    return false
                }
                take(contents)
                return true
            } catch {
                tellOfLedger(error)
                try? await Task.sleep(for: Agent.patience)
            }
        }
    }

    /// Whether the ledger stores what changes nothing: the state as it is.
    private func canStore() async -> Bool {
        let storing = Storing(last: nextEvent - 1)
        ports.ledger.store(LedgerBatch(events: [], snapshot: snapshot())) { result in storing.finish(result) }
        do throws(LedgerError) { try await storing.value() } catch {
            tellOfLedger(error)
            return false
        }
        return true
    }

    /// Takes up what was left undone, and what nobody could note meanwhile.
    private func goOn(as former: Phase) async {
        if phase == .reloading { phase = former }
        ledgerFailure = nil
        // The configuration may have been read meanwhile, or never have been stored.
        if let configured {
            settleLater(carryOut(.configurePools(configured)).stored)
            await ports.enforcer.use(state.pools)
        }
        for reservation in state.reservations.values where !reservation.isLive { finishLater(reservation.id) }
        setAlarm()
        for reservation in state.reservations.values where reservation.isLive {
            for process in reservation.attached where !isAlive(process) { await noteExited(reservation.id, process) }
            await noteEmptied(reservation.id)
            if reservation.receipts.isEmpty { await enforceAgain(reservation.id) }
        }
        tellOfLost()
    }

    /// Makes the state what a ledger has.
    func take(_ contents: LedgerContents) {
        epoch = contents.epoch
        let (terms, windows, unmanaged) = (state.preemptionTerms, state.windows, state.unmanagedMemory)
        state = State()
        state.preemptionTerms = terms
        state.windows = windows
        let time = Timestamp(milliseconds: 0)
        if let capacity = contents.snapshot.capacity { state.apply(.capacityChanged(capacity), at: time) }
        // A snapshot has not what is in use outside.
        if let unmanaged { state.apply(.unmanagedChanged(unmanaged), at: time) }
        if let boot = contents.snapshot.boot { state.apply(.booted(boot: boot), at: time) }
        state.restore(
            contents.snapshot.reservations, contents.snapshot.memory, pools: contents.snapshot.pools,
            maintenance: contents.snapshot.maintenance, durations: contents.snapshot.durations)
        for event in contents.events { state.apply(event.change, at: event.at) }
        nextEvent = (contents.events.last?.id ?? contents.snapshot.event) + 1
        unsnapshotted = contents.events.count
        unstored = []
        recent = RecentEvents()
        holders = [:]
        quarantined = [:]
        measuredAt = nil
        for reservation in state.reservations.values {
            for process in reservation.attached { holders[process] = reservation.id }
        }
    }
}
