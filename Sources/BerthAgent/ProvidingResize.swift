internal import BerthCore
internal import BerthModel

/// What plugins are told of a resize: what is given up before others can have it, what is new after it is held.
extension Agent {
    /// The types of which plugins prepare something in one of two grants, with what that is before and after.
    private func preparedTypes(
        _ former: Grant, _ grant: Grant
    ) -> [(type: ResourceType, before: Hold?, after: Hold?)] {
        Set((former.holds + grant.holds).map(\.type)).sorted().compactMap { type in
            let (before, after) = (former[type].flatMap(prepared), grant[type].flatMap(prepared))
            return before == nil && after == nil ? nil : (type, before, after)
        }
    }

    /// Tells plugins that a resize will take units away. Returns the types that were told.
    func provideLess(_ command: Command, _ id: ReservationID) async throws(AgentError) -> [ResourceType] {
        guard let reservation = state.reservations[id],
            case .resize(_, let former, let grant)? = state.decide(command, ports.clock.now()).effects.first
        else { return [] }
        var resized = reservation
        resized.grant = grant
        try checkNodes(of: resized, from: former)
        var told: [ResourceType] = []
        for (type, before, after) in preparedTypes(former, grant) {
            guard let before else { continue }
            let (held, left) = (Set(before.units.map(\.name)), Set(after?.units.map(\.name) ?? []))
            guard left.isStrictSubset(of: held) else { continue }
            told.append(type)
            guard let after else {
                await ports.providers.release(type, of: reservation)
                continue
            }
            do throws(ProviderFailure) {
                _ = try await allocate(after, of: resized)
            } catch {
                await provideHeld(told, id)
                throw .refused(.provider(type, reason: error.reason, hint: error.hint))
            }
        }
        return told
    }

    /// Memory cannot come from nodes that a plugin keeps it from. One that is asked again may say something else then.
    private func checkNodes(of resized: Reservation, from former: Grant) throws(AgentError) {
        guard let granted = resized.grant.memoryNodes, granted != former.memoryNodes else { return }
        let kept = resized.narrowings(for: resized.grant).filter { type, _ in
            resized.grant[type]?.units == former[type]?.units
                && resized.grant[type]?.parameters == former[type]?.parameters
        }
        guard let nodes = kept.met.nodes, granted.isDisjoint(with: nodes),
            let type = kept.filter({ $0.value.nodes != nil }).keys.sorted().first
        else { return }
        throw .refused(
            .provider(
                type, reason: "it keeps the memory on nodes \(nodes), and this would bring it to \(granted)",
                hint: "ask for nodes that have one of those"))
    }

    /// Tells plugins of units that a resize has changed. Where one cannot prepare them, what both grants cover is held: the
    /// rest may be another's by now.
    func provideAgain(_ id: ReservationID, from former: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        var provided = reservation
        let types = preparedTypes(former, reservation.grant)
        for (type, before, after) in types {
            guard let after else {
                provided.provisions[type] = nil
                continue
            }
            guard before?.units != after.units || before?.parameters != after.parameters else { continue }
            do throws(ProviderFailure) {
                provided.provisions[type] = try await allocate(after, of: provided)
            } catch {
                let least = former.meet(reservation.grant)
                if state.canHoldAgain(least, reservation) {
                    var receipts: [Receipt]
                    do throws(EnforcementError) {
                        receipts = try await ports.enforcer.resize(
                            reservation, from: reservation.grant, to: least, force: true)
                    } catch {
                        receipts = error.receipts
                    }
                    try await settle(carryOut(.noteResized(id, least, receipts)).stored)
                }
                await provideHeld(types.map(\.type), id)
                await hold(id)
                throw .refused(.provider(type, reason: error.reason, hint: error.hint))
            }
        }
        await take(provided.provisions, of: id)
    }

    /// Tells plugins what is held of these types after a resize that came to nothing. One that cannot prepare even that has
    /// prepared nothing; it is asked again when it says what there is.
    func provideHeld(_ types: [ResourceType], _ id: ReservationID) async {
        guard var reservation = state.reservations[id] else { return }
        // A release is of all that a plugin has prepared for the reservation: what it still holds is told after it.
        let given = types.filter { reservation.grant[$0].flatMap(prepared) == nil }
        for type in given {
            await ports.providers.release(type, of: reservation)
            reservation.provisions[type] = nil
        }
        let told = given.isEmpty ? types : reservation.grant.holds.map(\.type)
        for type in told {
            guard let hold = reservation.grant[type].flatMap(prepared) else { continue }
            do throws(ProviderFailure) {
                reservation.provisions[type] = try await allocate(hold, of: reservation)
            } catch {
                if reservation.provisions[type]?.units != hold.units.map(\.name) { reservation.provisions[type] = nil }
            }
        }
        await take(reservation.provisions, of: id)
    }
}
