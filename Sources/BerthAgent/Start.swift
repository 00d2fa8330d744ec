package import BerthCore
package import BerthModel

/// What the agent tells of its start, a line each.
package struct StartReport: Hashable, Sendable {
    /// Reservations that go on.
    package var live = 0
    /// Reservations that ended while no agent ran, with the reason.
    package var ended: [String] = []
    /// Leaves that the ledger knew nothing of, with what became of them.
    package var strays: [String] = []
    /// What became of an earlier ledger that could not be read.
    package var setAside: String?
    /// Why the pools of the configuration are not in force; nil where they are.
    package var pools: String?
}

/// Why the agent could not start.
package enum StartError: Error, Hashable, Sendable {
    case ledger(LedgerError)
    case enforcement(EnforcementError)
}

extension Agent {
    /// Reads the ledger, takes the host as it is now, and brings ledger and kernel together: what is in both goes on, what
    /// is only in the kernel is adopted or cleaned, what is only in the ledger is made again; processes that ended meanwhile
    /// are noted, what was ending is ended.
    /// - Parameter providersDown: why no unit of a plugin can be had yet; nil where it can
    package func start(
        capacity: Capacity, boot: String, pools: [Pool]? = nil, providersDown: String? = nil
    ) async throws(StartError) -> StartReport {
        let contents: LedgerContents
        do throws(LedgerError) { contents = try await ports.ledger.load() } catch { throw .ledger(error) }
        take(contents)
        await ports.enforcer.use(withProvided(capacity))
        await ports.enforcer.use(state.pools)
        let leaves: [FoundLeaf]
        do throws(EnforcementError) {
            leaves = try await ports.enforcer.start { [weak self] id in Task { await self?.noteLeafEmptied(id) } }
        } catch {
            throw .enforcement(error)
        }
        await ports.enforcer.expect(state.reservations.values.filter(\.isLive))
        var report = StartReport()
        report.setAside = contents.setAside
        phase = .serving
        let before = state.reservations.values.filter(\.isLive).map(\.id).sorted()
        var effects =
            note(.noteBoot(boot)) + note(.setCapacity(capacity))
        if let pools { report.pools = await startPools(pools) }
        for leaf in leaves where state.reservations[leaf.id] == nil { report.strays.append(await adopt(leaf)) }
        let populated = Dictionary(leaves.map { ($0.id, $0.processes) }, uniquingKeysWith: { first, _ in first })
        for id in before { effects += await reconcile(id, populated[id] ?? []) }
        effects += note(.tick)
        for id in before {
            guard let reservation = state.reservations[id] else { continue }
            if reservation.isLive {
                report.live += 1
            } else {
                report.ended.append("\(id): \(reservation.reason?.rawValue ?? "unknown")")
            }
        }
        follow(effects)
        // What was ending when the last agent stopped, and has no effect of this start.
        for reservation in state.reservations.values where !reservation.isLive { finishLater(reservation.id) }
        setAlarm()
        withdrawUnheard()
        // Nobody who waits is granted what is in use outside, or what its plugin could not prepare.
        if let providersDown { failAllUnits(reason: providersDown) }
        await measure()
        hasStarted = true
        admitWaiting()
        attend()
        return report
    }

    /// A leaf that the ledger knows nothing of: where something runs in it, or its lease goes on, the kernel's word counts.
    /// What runs where nobody can say what it was granted is left alone, and told of.
    private func adopt(_ leaf: FoundLeaf) async -> String {
        let past: Reservation?
        do throws(AgentError) { past = try await endedReservation(leaf.id) } catch { past = nil }
        if past != nil { return await clean(leaf, for: "it had ended") }
        let noted: Reservation?
        do throws(EnforcementError) {
            noted = try await ports.enforcer.noted(at: leaf.id)
        } catch {
            guard leaf.processes.isEmpty else { return leftAlone(leaf, for: error.reason) }
            noted = nil
        }
        guard var reservation = noted, reservation.isLive, !leaf.processes.isEmpty || reservation.end == .released
        else {
            guard leaf.processes.isEmpty || noted != nil else { return leftAlone(leaf, for: "nothing is noted at it") }
            return await clean(leaf, for: noted?.isLive == false ? "it had ended" : "nothing runs in it")
        }
        reservation.attached = []
        reservation.left = []
        reservation.wasAttached = reservation.wasAttached || !leaf.processes.isEmpty
        _ = note(.adopt(reservation))
        follow(await reconcile(leaf.id, leaf.processes))
        return "\(leaf.id): goes on with \(leaf.processes.count) processes, as its leaf tells"
    }

    private func clean(_ leaf: FoundLeaf, for reason: String) async -> String {
        guard let quarantine = await ports.enforcer.end(leaf.id, grace: Agent.grace).quarantine else {
            return "\(leaf.id): cleaned, for \(reason)"
        }
        return "\(leaf.id): stays though \(reason), for it could not be ended: \(quarantine.reason)"
    }

    private func leftAlone(_ leaf: FoundLeaf, for reason: String) -> String {
        let processes = leaf.processes.map(String.init).joined(separator: ", ")
        return "\(leaf.id): left alone, and nothing is counted for what runs in it (\(processes)): \(reason)"
    }

    /// Takes up a live reservation after a start: watches its processes again and has the kernel hold it again.
    private func reconcile(_ id: ReservationID, _ processes: [Int32]) async -> [Effect] {
        guard let reservation = state.reservations[id], reservation.isLive else { return [] }
        for process in reservation.attached {
            let handle: (any ProcessHandle)?
            // One that cannot be looked at now may live; its end is then seen by its leaf, or by the next look for room.
            do throws(AttachError) { handle = try ports.processes.process(process) } catch { continue }
            guard let handle else {
                _ = note(.noteExited(id, process))
                continue
            }
            await watch(handle, id)
        }
        // An attach whose answer the crash took away.
        if !reservation.wasAttached {
            for pid in processes {
                guard let handle = try? ports.processes.process(pid) else { continue }
                _ = note(.noteAttached(id, handle.identity))
                await watch(handle, id)
            }
        }
        guard let current = state.reservations[id] else { return [] }
        let leaf = await ports.enforcer.look(at: current)
        if current.attached.isEmpty, leaf.isEmpty {
            let effects = note(.noteEmptied(id, outOfMemory: leaf.outOfMemory))
            if !effects.isEmpty { return effects }
        }
        return [.enforce(id)]
    }

    /// Watches a process of a reservation again; it is in the leaf already.
    private func watch(_ handle: any ProcessHandle, _ id: ReservationID) async {
        guard let reservation = state.reservations[id] else { return }
        let process = handle.identity
        holders[process] = id
        handles[process] = handle
        do throws(AttachError) {
            try await ports.enforcer.watch(handle, of: reservation) { [weak self] in
                Task { await self?.noteExited(id, process) }
            }
        } catch .gone {
            letGo(process)
            _ = note(.noteExited(id, process))
        } catch {
            // It may live, and nobody will tell of its end but its leaf, or the next look for room.
        }
    }

    /// Carries out a command that nobody waits for, and answers what is still to be done.
    private func note(_ command: Command) -> [Effect] {
        let (decision, stored) = carryOut(command)
        settleLater(stored)
        return decision.effects
    }

    /// Takes the host to have this capacity from now on.
    package func setCapacity(_ capacity: Capacity) async {
        let effects = note(.setCapacity(capacity))
        await ports.enforcer.use(state.capacity ?? capacity)
        follow(effects)
    }

    /// What was discovered, with what plugins provide besides.
    private func withProvided(_ capacity: Capacity) -> Capacity {
        var capacity = capacity
        capacity.provided = state.capacity?.provided ?? [:]
        return capacity
    }
}
