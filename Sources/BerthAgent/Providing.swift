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
                var asked = reservation
                asked.provisions.merge(provisions) { $1 }
                provisions[hold.type] = try await allocate(hold, of: asked)
            } catch {
                var provided = reservation
                provided.provisions = provisions
                for type in provisions.keys.sorted().reversed() { await ports.providers.release(type, of: provided) }
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

    /// Has a plugin prepare a hold, and notes of which units.
    /// - Parameter reservation: with what other plugins have prepared so far
    func allocate(_ hold: Hold, of reservation: Reservation) async throws(ProviderFailure) -> Provision {
        let bounds = NarrowingBounds(reservation, besides: hold.type, on: state.capacity)
        var provision = try await ports.providers.allocate(hold, of: reservation, within: bounds)
        provision.units = hold.units.map(\.name)
        return provision
    }

    /// Notes what plugins have prepared, and has the kernel hold what of it is held there.
    func take(_ provisions: [ResourceType: Provision], of id: ReservationID) async {
        let former = state.reservations[id]?.provisions ?? [:]
        guard provisions != former else { return }
        settleLater(carryOut(.noteProvided(id, provisions)).stored)
        func held(_ provisions: [ResourceType: Provision]) -> [ResourceType: Provision] {
            provisions.mapValues { Provision(devices: $0.devices, cgroup: $0.cgroup) }
                .filter { $0.value != Provision() }
        }
        if held(provisions) != held(former) { await hold(id) }
    }

    /// What a plugin prepares of a hold: all of what plugins provide, and of the host's own GPUs those that one knows; nil
    /// for nothing.
    func prepared(_ hold: Hold) -> Hold? {
        guard !hold.type.isProvided else { return hold }
        guard let known = state.capacity?.provided[hold.type] else { return nil }
        let names = Set(known.map(\.name))
        var part = hold
        part.units = hold.units.filter { names.contains($0.name) }
        return part.units.isEmpty ? nil : part
    }

    /// Gives back what plugins had prepared.
    func giveBack(_ reservation: Reservation) async {
        // Also what a plugin has prepared and knows no more.
        let types = Set(reservation.grant.holds.compactMap(prepared).map(\.type)).union(reservation.provisions.keys)
        for type in types.sorted().reversed() { await ports.providers.release(type, of: reservation) }
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
        mustKeepDevices = true
        guard !isKeepingDevices else { return }
        isKeepingDevices = true
        Task {
            while self.mustKeepDevices, let capacity = self.state.capacity {
                self.mustKeepDevices = false
                await self.ports.enforcer.use(capacity)
                await self.verify()
            }
            self.isKeepingDevices = false
        }
    }

    /// Has plugins prepare what an agent that died did not come to. What is held stays held where they cannot.
    private func provideMissing(_ id: ReservationID) async {
        await alone(with: id) { await self.provideLacking(id) }
    }

    /// The same for who is alone with the reservation.
    func provideLacking(_ id: ReservationID) async {
        guard var reservation = state.reservations[id], reservation.isLive else { return }
        for hold in reservation.grant.holds.compactMap(prepared)
        where reservation.provisions[hold.type]?.units != hold.units.map(\.name) {
            do throws(ProviderFailure) {
                reservation.provisions[hold.type] = try await allocate(hold, of: reservation)
            } catch {
                continue
            }
        }
        await take(reservation.provisions, of: id)
    }

    /// Takes every unit of a type to have failed: its plugin is down. What is held stays held.
    package func failUnits(_ type: ResourceType, reason: String) {
        guard let units = state.capacity?.provided[type] else { return }
        setUnits(
            type,
            units.map { unit in
                // What is gone already has its reason.
                guard unit.withdrawn == nil else { return unit }
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
            reservation.grant.holds.filter { types.contains($0.type) }.map { (reservation, $0) }
        }
    }

    /// Whether a plugin has not prepared what is held of its type, or not all of it.
    func lacksProvisions(_ reservation: Reservation) -> Bool {
        reservation.grant.holds.compactMap(prepared).contains { hold in
            reservation.provisions[hold.type]?.units != hold.units.map(\.name)
        }
    }

    /// What a reservation uses of what plugins provide, in their words, by type.
    func providedUsage(_ reservation: Reservation) async -> [ResourceType: JSONObject] {
        let providers = ports.providers
        return await withTaskGroup { group in
            for hold in reservation.grant.holds.compactMap(prepared) {
                group.addTask { (hold.type, await providers.usage(of: hold.type, by: reservation.id)) }
            }
            var usage: [ResourceType: JSONObject] = [:]
            for await (type, used) in group { usage[type] = used }
            return usage
        }
    }

    /// Has plugins look at what a request says of their types: also in alternatives, any of which may be granted.
    func checkParameters(of request: ReservationRequest) async throws(AgentError) {
        let violations = try await parameterViolations(of: request)
        guard violations.isEmpty else { throw .refused(.rejected(violations)) }
    }

    /// What plugins find wrong with what a request says of their types.
    func parameterViolations(of request: ReservationRequest) async throws(AgentError) -> [Violation] {
        var violations: [Violation] = []
        for (index, resources) in request.choices.enumerated() {
            // What nobody provides here is passed over with the choice that it is in.
            let known = resources.asks.filter { state.capacity?.provided[$0.type] != nil }
            let found = try await parameterViolations(known)
            violations += index == 0 ? found : found.map { $0.ofAlternative(index - 1) }
        }
        return violations
    }

    /// The same of a change.
    func checkParameters(_ asks: [Ask]) async throws(AgentError) {
        let violations = try await parameterViolations(asks)
        guard violations.isEmpty else { throw .refused(.rejected(violations)) }
    }

    private func parameterViolations(_ asks: [Ask]) async throws(AgentError) -> [Violation] {
        var violations: [Violation] = []
        for ask in asks where ask.type.isProvided {
            do throws(ProviderFailure) { violations += try await ports.providers.check(ask) } catch {
                throw .refused(.provider(ask.type, reason: error.reason, hint: error.hint))
            }
        }
        return violations
    }
}
