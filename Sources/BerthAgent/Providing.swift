internal import BerthCore
internal import BerthJSON
package import BerthModel

/// What plugins prepare for a reservation: before the kernel holds it, and given back after nothing of it runs any more.
extension Agent {
    /// Has every plugin prepare what was granted of its type. Where one cannot, what the others did is given back in the
    /// reverse order. Throws what the core makes of that.
    func provide(_ id: ReservationID) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        var provisions: [ResourceType: Provision] = [:]
        for hold in reservation.grant.holds.compactMap(prepared) {
            do throws(ProviderFailure) {
                provisions[hold.type] = try await ports.providers.allocate(hold, of: reservation)
            } catch {
                for type in provisions.keys.sorted().reversed() { await ports.providers.release(type, of: reservation) }
                let (decision, stored) = carryOut(
                    .noteUnprovided(id, hold.type, reason: error.reason, hint: error.hint))
                settleLater(stored)
                follow(decision.effects)
                guard case .refused(let refusal) = decision.answer else { throw .refused(.ended(id)) }
                throw .refused(refusal)
            }
        }
        guard !provisions.isEmpty else { return }
        settleLater(carryOut(.noteProvided(id, provisions)).stored)
    }

    /// What a plugin prepares of a hold: all of what plugins provide, and of the host's own GPUs those that one knows; nil
    /// for nothing.
    private func prepared(_ hold: Hold) -> Hold? {
        guard !hold.type.isProvided else { return hold }
        guard let known = state.capacity?.provided[hold.type] else { return nil }
        let names = Set(known.map(\.name))
        var part = hold
        part.units = hold.units.filter { names.contains($0.name) }
        return part.units.isEmpty ? nil : part
    }

    /// Tells plugins that a resize will take units away, before others can have them.
    func provideLess(_ command: Command, _ id: ReservationID, from former: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id],
            case .resize(_, _, let grant)? = state.decide(command, ports.clock.now()).effects.first
        else { return }
        for hold in grant.holds.compactMap(prepared) {
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
            former[hold.type]?.units != hold.units || former[hold.type]?.parameters != hold.parameters
        }.compactMap(prepared)
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
        if reservation.provisions.mapValues(\.devices) != provisions.mapValues(\.devices) { await holdAgain(id) }
    }

    private func provideFormer(_ types: [ResourceType], of reservation: Reservation, _ former: Grant) async {
        for type in types {
            guard let hold = former[type].flatMap(prepared) else {
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
        for hold in reservation.grant.holds.reversed().compactMap(prepared) {
            await ports.providers.release(hold.type, of: reservation)
        }
    }

    /// Takes a type to have these units, as its plugin says; nil where no plugin provides it any more.
    package func setUnits(_ type: ResourceType, _ units: [Capacity.Unit]?) {
        let (_, stored) = carryOut(.setUnits(type, units))
        settleLater(stored)
        for reservation in state.reservations.values
        where reservation.isLive && reservation.grant[type] != nil && lacksProvisions(reservation) {
            Task { await self.provideMissing(reservation.id) }
        }
    }

    /// The devices of the units that a change is about.
    func devices(in change: Event.Change) -> [String: [DeviceNode]] {
        guard case .unitsChanged(let type, _, _, _) = change else { return [:] }
        return Dictionary(
            (state.capacity?.provided[type] ?? []).filter { !$0.devices.isEmpty }.map { ($0.name, $0.devices) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Units have other devices than before: every reservation is kept from those that are not its own.
    func keepDevices() {
        guard let capacity = state.capacity else { return }
        Task {
            await self.ports.enforcer.use(capacity)
            await self.verify()
        }
    }

    /// Has plugins prepare what an agent that died did not come to. What is held stays held where they cannot.
    private func provideMissing(_ id: ReservationID) async {
        await alone(with: id) {
            guard let reservation = self.state.reservations[id], reservation.isLive else { return }
            var provisions = reservation.provisions
            for hold in reservation.grant.holds.compactMap(self.prepared) where provisions[hold.type] == nil {
                do throws(ProviderFailure) {
                    provisions[hold.type] = try await self.ports.providers.allocate(hold, of: reservation)
                } catch {
                    continue
                }
            }
            self.settleLater(self.carryOut(.noteProvided(id, provisions)).stored)
            if provisions.values.contains(where: { !$0.devices.isEmpty }) { await self.holdAgain(id) }
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

    /// The types that plugins provide or extend, as far as the agent knows.
    package func providedTypes() -> Set<ResourceType> { Set(state.capacity.map { $0.provided.keys } ?? [:].keys) }

    /// What is held of types, by whom: what their plugin is told when it starts.
    package func held(of types: Set<ResourceType>) -> [(reservation: Reservation, hold: Hold)] {
        state.reservations.values.flatMap { reservation in
            reservation.grant.holds.filter { types.contains($0.type) }.compactMap(prepared).map { (reservation, $0) }
        }
    }

    /// Whether a plugin has not prepared what is held of its type.
    func lacksProvisions(_ reservation: Reservation) -> Bool {
        reservation.grant.holds.contains { prepared($0) != nil && reservation.provisions[$0.type] == nil }
    }

    /// What a reservation uses of what plugins provide, in their words, by type.
    func providedUsage(_ reservation: Reservation) async -> [ResourceType: JSONObject] {
        var usage: [ResourceType: JSONObject] = [:]
        for hold in reservation.grant.holds.compactMap(prepared) {
            usage[hold.type] = await ports.providers.usage(of: hold.type, by: reservation.id)
        }
        return usage
    }

    /// Has plugins look at what a request says of their types.
    func checkParameters(_ asks: [Ask]) async throws(AgentError) {
        var violations: [Violation] = []
        for ask in asks where ask.type.isProvided {
            do throws(ProviderFailure) { violations += try await ports.providers.check(ask) } catch {
                throw .refused(.provider(ask.type, reason: error.reason, hint: error.hint))
            }
        }
        guard violations.isEmpty else { throw .refused(.rejected(violations)) }
    }
}
