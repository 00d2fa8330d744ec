internal import BerthCore
package import BerthModel

/// What plugins prepare for a reservation: before the kernel holds it, and given back after nothing of it runs any more.
extension Agent {
    /// Has every plugin prepare what was granted of its type. Where one cannot, what the others did is given back in the
    /// reverse order. Throws what the core makes of that.
    func provide(_ id: ReservationID) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        var prepared: [ResourceType: [String: String]] = [:]
        for hold in reservation.grant.holds where hold.type.isProvided {
            do throws(ProviderFailure) {
                prepared[hold.type] = try await ports.providers.allocate(hold, of: reservation)
            } catch {
                for type in prepared.keys.sorted().reversed() { await ports.providers.release(type, of: reservation) }
                let (decision, stored) = carryOut(
                    .noteUnprovided(id, hold.type, reason: error.reason, hint: error.hint))
                settleLater(stored)
                follow(decision.effects)
                guard case .refused(let refusal) = decision.answer else { throw .refused(.ended(id)) }
                throw .refused(refusal)
            }
        }
        guard !prepared.isEmpty else { return }
        settleLater(carryOut(.noteProvided(id, prepared)).stored)
    }

    /// Tells plugins that a resize will take units away, before others can have them.
    func provideLess(_ command: Command, _ id: ReservationID, from former: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id],
            case .resize(_, _, let grant)? = state.decide(command, ports.clock.now()).effects.first
        else { return }
        for hold in grant.holds where hold.type.isProvided {
            let names = Set(hold.units.map(\.name))
            guard let held = former[hold.type]?.units.map(\.name), names.count < held.count, names.isSubset(of: held)
            else { continue }
            do throws(ProviderFailure) {
                _ = try await ports.providers.allocate(hold, of: reservation)
            } catch {
                throw .refused(.provider(hold.type, reason: error.reason, hint: error.hint))
            }
        }
    }

    /// Tells plugins of units that a resize has changed. Where one cannot, what both grants cover is held: the rest may be
    /// another's by now.
    func provideAgain(_ id: ReservationID, from former: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        let changed = reservation.grant.holds.filter { hold in
            hold.type.isProvided
                && (former[hold.type]?.units != hold.units || former[hold.type]?.parameters != hold.parameters)
        }
        guard !changed.isEmpty else { return }
        var provisions = reservation.provisions
        for hold in changed {
            do throws(ProviderFailure) {
                provisions[hold.type] = try await ports.providers.allocate(hold, of: reservation)
            } catch {
                let least = former.meet(reservation.grant)
                try await settle(carryOut(.noteResized(id, least, reservation.receipts)).stored)
                await provideFormer(changed.map(\.type), of: reservation, least)
                await holdAgain(id)
                throw .refused(.provider(hold.type, reason: error.reason, hint: error.hint))
            }
        }
        settleLater(carryOut(.noteProvided(id, provisions)).stored)
    }

    private func provideFormer(_ types: [ResourceType], of reservation: Reservation, _ former: Grant) async {
        for type in types {
            guard let hold = former[type] else {
                await ports.providers.release(type, of: reservation)
                continue
            }
            do throws(ProviderFailure) {
                _ = try await ports.providers.allocate(hold, of: reservation)
            } catch {
                // It is told what is held when it is started the next time.
                continue
            }
        }
    }

    /// Gives back what plugins had prepared.
    func giveBack(_ reservation: Reservation) async {
        for hold in reservation.grant.holds.reversed() where hold.type.isProvided {
            await ports.providers.release(hold.type, of: reservation)
        }
    }

    /// Takes a type to have these units, as its plugin says; nil where no plugin provides it any more.
    package func setUnits(_ type: ResourceType, _ units: [Capacity.Unit]?) {
        let (_, stored) = carryOut(.setUnits(type, units))
        settleLater(stored)
        for reservation in state.reservations.values
        where reservation.isLive && reservation.grant[type] != nil && reservation.lacksProvisions {
            Task { await self.provideMissing(reservation.id) }
        }
    }

    /// Has plugins prepare what an agent that died did not come to. What is held stays held where they cannot.
    private func provideMissing(_ id: ReservationID) async {
        await alone(with: id) {
            guard let reservation = self.state.reservations[id], reservation.isLive else { return }
            var provisions = reservation.provisions
            for hold in reservation.grant.holds where hold.type.isProvided && provisions[hold.type] == nil {
                do throws(ProviderFailure) {
                    provisions[hold.type] = try await self.ports.providers.allocate(hold, of: reservation)
                } catch {
                    continue
                }
            }
            self.settleLater(self.carryOut(.noteProvided(id, provisions)).stored)
        }
    }

    /// Takes every unit of a type to have failed: its plugin is down. What is held stays held.
    package func failUnits(_ type: ResourceType, reason: String) {
        guard let units = state.capacity?.provided[type] else { return }
        setUnits(
            type,
            units.map { unit in
                var unit = unit
                unit.failure = reason
                return unit
            })
    }

    /// Takes everything that plugins provide to be down, until they say otherwise: for the start.
    package func failAllUnits(reason: String) {
        for type in state.capacity.map({ $0.provided.keys.sorted() }) ?? [] { failUnits(type, reason: reason) }
    }

    /// What is held of types, by whom: what their plugin is told when it starts.
    package func held(of types: Set<ResourceType>) -> [(reservation: Reservation, hold: Hold)] {
        state.reservations.values.flatMap { reservation in
            reservation.grant.holds.filter { types.contains($0.type) }.map { (reservation, $0) }
        }
    }
}

extension Reservation {
    /// Whether a plugin has not prepared what is held of its type.
    var lacksProvisions: Bool {
        grant.holds.contains { $0.type.isProvided && provisions[$0.type] == nil }
    }
}
