internal import BerthCore
package import BerthModel

/// What the agent tells of its start, a line each.
package struct StartReport: Hashable, Sendable {
    /// Reservations that go on.
    package var live = 0
    /// Reservations that ended while no agent ran, with the reason.
    package var ended: [String] = []
    /// What became of an earlier ledger that could not be read.
    package var setAside: String?
}

extension Agent {
    /// Reads the ledger, takes the host as it is now, and brings the two together: what is in both goes on, processes
    /// that ended meanwhile are noted, what was ending is ended.
    package func start(capacity: Capacity, boot: String) async throws(LedgerError) -> StartReport {
        let contents = try await ports.ledger.load()
        take(contents)
        var report = StartReport()
        report.setAside = contents.setAside
        phase = .serving
        let before = state.reservations.values.filter(\.isLive).map(\.id).sorted()
        var effects = note(.noteBoot(boot)) + note(.setCapacity(capacity))
        for id in before { effects += await reconcile(id) }
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
        return report
    }

    /// Takes up a live reservation after a start: watches its processes again and has the kernel hold it again.
    private func reconcile(_ id: ReservationID) async -> [Effect] {
        guard let reservation = state.reservations[id], reservation.isLive else { return [] }
        var effects: [Effect] = []
        for process in reservation.attached {
            guard let handle = ports.processes.process(process) else {
                effects += note(.noteExited(id, process))
                continue
            }
            do throws(AttachError) {
                try await ports.enforcer.attach(handle, to: reservation) { [weak self] in
                    Task { await self?.noteExited(id, process) }
                }
            } catch {
                effects += note(.noteExited(id, process))
            }
        }
        guard let current = state.reservations[id], current.isLive else { return effects }
        let receipts = await ports.enforcer.enforce(current)
        return effects + note(.noteEnforced(id, receipts))
    }

    /// Carries out a command that nobody waits for, and answers what is still to be done.
    private func note(_ command: Command) -> [Effect] {
        let (decision, stored) = carryOut(command)
        settleLater(stored)
        return decision.effects
    }

    /// Takes the host to have this capacity from now on.
    package func setCapacity(_ capacity: Capacity) { follow(note(.setCapacity(capacity))) }
}
