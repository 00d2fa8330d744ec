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
                _ = try await ports.providers.allocate(after, of: reservation)
            } catch {
                await provideHeld(told, id)
                throw .refused(.provider(type, reason: error.reason, hint: error.hint))
            }
        }
        return told
    }

    /// Tells plugins of units that a resize has changed. Where one cannot prepare them, what both grants cover is held: the
    /// rest may be another's by now.
    func provideAgain(_ id: ReservationID, from former: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        var provisions = reservation.provisions
        let types = preparedTypes(former, reservation.grant)
        for (type, before, after) in types {
            guard let after else {
                provisions[type] = nil
                continue
            }
            guard before?.units != after.units || before?.parameters != after.parameters else { continue }
            do throws(ProviderFailure) {
                provisions[type] = try await allocate(after, of: reservation)
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
                await holdAgain(id)
                throw .refused(.provider(type, reason: error.reason, hint: error.hint))
            }
        }
        guard provisions != reservation.provisions else { return }
        settleLater(carryOut(.noteProvided(id, provisions)).stored)
        if reservation.provisions.mapValues(\.devices) != provisions.mapValues(\.devices) { await holdAgain(id) }
    }

    /// Tells plugins what is held of these types after a resize that came to nothing. One that cannot prepare even that has
    /// prepared nothing; it is asked again when it says what there is.
    func provideHeld(_ types: [ResourceType], _ id: ReservationID) async {
        guard let reservation = state.reservations[id] else { return }
        var provisions = reservation.provisions
        // A release is of all that a plugin has prepared for the reservation: what it still holds is told after it.
        let given = types.filter { reservation.grant[$0].flatMap(prepared) == nil }
        for type in given {
            provisions[type] = nil
            await ports.providers.release(type, of: reservation)
        }
        let told = given.isEmpty ? types : reservation.grant.holds.map(\.type)
        for type in told {
            guard let hold = reservation.grant[type].flatMap(prepared) else { continue }
            do throws(ProviderFailure) { provisions[type] = try await allocate(hold, of: reservation) } catch {
                if provisions[type]?.units != hold.units.map(\.name) { provisions[type] = nil }
            }
        }
        settleLater(carryOut(.noteProvided(id, provisions)).stored)
    }
}
