internal import BerthJSON
package import BerthModel
package import BerthPluginKit

/// A provider behind its supervisor, in the words of the agent.
package struct PluginProvider: Sendable {
    package let supervisor: PluginSupervisor
    /// How long a request waits for a plugin that is coming up, and for its answer, in milliseconds.
    private static let patience: Int64 = 10_000

    package init(_ supervisor: PluginSupervisor) { self.supervisor = supervisor }

    /// Has the plugin prepare what a reservation was granted.
    /// - Returns: what is wanted in the environment of its programs
    package func allocate(
        _ hold: Hold, of reservation: Reservation
    ) async throws(PluginSupervisor.CallFailure) -> [String: String] {
        let allocation = Allocation(hold, of: reservation)
        // Before it is asked: one that dies of it is told of it when it is started again.
        let former = supervisor.hold(allocation)
        do throws(PluginSupervisor.CallFailure) {
            let answer = try await supervisor.ask(.allocate(allocation), within: PluginProvider.patience)
            let type = supervisor.file.manifest.types.first { $0.name == hold.type.name }
            return try PluginProvision(answer, of: type).environment
        } catch {
            supervisor.restore(former, in: allocation)
            throw error
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
            // Its process was ended for it, or it says that it failed: its own log has it, and the units are free.
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
}

extension Capacity.Unit {
    /// A unit as its provider says it.
    package init(_ unit: Unit) {
        let failure: String? =
            switch unit.state {
            case .available: nil
            case .maintenance: unit.reason?.excerpt ?? "it is in maintenance"
            case .failed: unit.reason?.excerpt ?? "its plugin says that it has failed"
            }
        self.init(
            name: unit.name, capacity: Quantity(1), node: unit.node.flatMap { Int(exactly: $0) },
            capabilities: unit.capabilities, failure: failure)
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
        case .down(nil): ("it did not answer in time", "try again in a moment")
        }
    }
}
