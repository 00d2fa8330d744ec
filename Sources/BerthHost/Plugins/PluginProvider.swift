package import BerthCore
package import BerthJSON
package import BerthModel
package import BerthPluginKit

/// A provider behind its supervisor, in the words of the agent.
package struct PluginProvider: Sendable {
    package let supervisor: PluginSupervisor
    /// How long a request waits for a plugin that is coming up, and for its answer, in milliseconds.
    private static let patience: Int64 = 10_000
    /// How long who looks at a reservation waits for what it uses.
    private static let usagePatience: Int64 = 1000

    package init(_ supervisor: PluginSupervisor) { self.supervisor = supervisor }

    /// Has the plugin prepare what a reservation was granted.
    /// - Parameters:
    ///   - bounds: what it may narrow
    ///   - keeper: who gives folders away
    /// - Returns: what its programs get
    package func allocate(
        _ hold: Hold, of reservation: Reservation, within bounds: NarrowingBounds, folders keeper: FolderKeeper
    ) async throws(PluginSupervisor.CallFailure) -> BerthModel.Provision {
        guard let type = type(of: hold.type) else {
            throw .failed(Failure("its manifest does not name \(hold.type)"))
        }
        let allocation = Allocation(hold, of: reservation).named(type)
        // Before it is asked: one that dies of it is told of it when it is started again.
        let former = supervisor.hold(allocation)
        do throws(PluginSupervisor.CallFailure) {
            let answer = try await supervisor.ask(.allocate(allocation), within: PluginProvider.patience)
            let wanted = try PluginProvision(answer, of: type, within: bounds)
            var provision = wanted.provision
            let former = reservation.provisions[hold.type]?.folders ?? []
            provision.folders = try await give(wanted.folders, to: reservation, former, by: keeper)
            return provision
        } catch {
            supervisor.restore(former, in: allocation)
            throw error
        }
    }

    /// What a type of the host's is to this plugin.
    private func type(of type: ResourceType) -> Manifest.ProvidedType? {
        supervisor.file.manifest.types.first { $0.reserved == type.name || $0.name == type.name }
    }

    /// What the plugin finds wrong with what a request says of a type, its pointers from there on; nothing while it is
    /// down, for then its units are failed.
    package func check(_ ask: BerthModel.Ask) async throws(PluginSupervisor.CallFailure) -> [BerthPluginKit.Violation] {
        if case .down = supervisor.status { return [] }
        guard let type = type(of: ask.type) else { return [] }
        let asked = Ask(type.name, amount: ask.amount.units / ask.type.whole.units, parameters: ask.parameters)
        let answer: JSONValue
        do throws(PluginSupervisor.CallFailure) {
            answer = try await supervisor.ask(.check(asked), within: PluginProvider.patience)
        } catch .unknownCall {
            return []
        }
        do throws(JSONFieldError) { return try PluginViolations.reader.read(answer) } catch {
            throw .failed(Failure("its answer to check makes no sense: \("\(error)".excerpt)"))
        }
    }

    /// What a reservation uses of a type, in the plugin's words; nil where it does not say, or not in time.
    package func usage(of type: ResourceType, by reservation: ReservationID) async -> JSONObject? {
        guard case .running = supervisor.status, self.type(of: type) != nil else { return nil }
        let id = reservation.description
        do throws(PluginSupervisor.CallFailure) {
            let answer = try await supervisor.ask(
                .usage(reservations: [id]), within: PluginProvider.usagePatience)
            return try PluginUsage(answer)[id]
        } catch {
            return nil
        }
    }

    /// Has the plugin bring a type to so many units, as near as it can.
    package func scale(_ type: ResourceType, to target: Int64) async throws(PluginSupervisor.CallFailure) {
        guard let type = self.type(of: type) else { throw .failed(Failure("its manifest does not name \(type)")) }
        do throws(PluginSupervisor.CallFailure) {
            _ = try await supervisor.ask(.scale(type: type.name, target: target), within: PluginProvider.patience)
        } catch .unknownCall {
            throw .failed(Failure("\(type.name) cannot be scaled"))
        }
    }

    /// Gives back what the plugin had prepared. One that is down learns of it when it is started again, by what is held.
    package func release(_ reservation: ReservationID) async {
        supervisor.letGo(reservation.description)
        guard case .running = supervisor.status else { return }
        do throws(PluginSupervisor.CallFailure) {
            _ = try await supervisor.ask(
                .release(reservation: reservation.description), within: PluginProvider.patience)
        } catch {
            // Its process was ended for it, or it says that it failed: its own log has it, and the units are free. One that
            // has too much to do is told before anything else is allocated.
            return
        }
    }
}

extension Allocation {
    /// What a reservation holds of a plugin's type.
    package init(_ hold: Hold, of reservation: Reservation) {
        self.init(
            reservation: reservation.id.description, type: hold.type.name, units: hold.units.map(\.name),
            user: Int64(reservation.user), parameters: hold.parameters)
    }

    /// The same as a plugin's manifest names the type.
    func named(_ type: Manifest.ProvidedType) -> Allocation {
        var allocation = self
        allocation.type = type.name
        return allocation
    }
}

extension Capacity.Unit {
    /// A unit of a type as its provider says it.
    package init(_ unit: Unit, of type: ResourceType) {
        let failure: String? =
            switch unit.state {
            case .available: nil
            case .maintenance: unit.reason?.excerpt ?? "it is in maintenance"
            case .failed: unit.reason?.excerpt ?? "its plugin says that it has failed"
            }
        self.init(
            name: unit.name, capacity: type.whole, node: Capacity.Unit.node(unit.node.map { Int64($0) }),
            capabilities: unit.capabilities, failure: failure, parent: unit.parent,
            devices: unit.devices.compactMap(DeviceNode.init))
    }
}

extension PluginSupervisor.CallFailure {
    /// Why, as a sentence, and what the person can do.
    package var told: (reason: String, hint: String?) {
        switch self {
        case .failed(let failure): (failure.message, failure.hint)
        case .unknownCall: ("it does not know the call", "it is not complete: see `berth plugin check`")
        case .fault(let fault): ("\(fault); it is started again", "try again in a moment")
        case .down(let fault?): ("it is down: \(fault)", "see `berth plugin list`")
        case .unanswered(let reason): (reason, "try again in a moment")
        case .down(nil): ("it did not answer in time", "try again in a moment")
        }
    }
}
