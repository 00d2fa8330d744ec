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

    /// Tells plugins of units that a resize has changed. Where one cannot, all is as it was before.
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
                try await settle(carryOut(.noteResized(id, former, reservation.receipts)).stored)
                await provideFormer(changed.map(\.type), of: reservation, former)
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
                // It is down, and is told what is held when it comes up.
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
