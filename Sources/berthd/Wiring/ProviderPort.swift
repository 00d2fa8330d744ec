internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import BerthPluginKit
internal import Synchronization

/// The providers of an agent: the plugins of its inventory, once there is one.
final class ProviderPort: Providers {
    private let inventory = Mutex<PluginInventory?>(nil)
    private let folders: FolderKeeper
    /// A line for the journal.
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - folders: who gives folders away and takes them back
    ///   - warn: a line for the journal
    init(folders: FolderKeeper, warn: @escaping @Sendable (String) -> Void) {
        self.folders = folders
        self.warn = warn
    }

    /// Asks these plugins from now on.
    func use(_ inventory: PluginInventory) { self.inventory.withLock { $0 = inventory } }

    /// The groups of plugins are gone.
    func regroup() async { await inventory.withLock { $0 }?.regroup() }

    func allocate(
        _ hold: Hold, of reservation: Reservation, within bounds: NarrowingBounds
    ) async throws(ProviderFailure) -> BerthModel.Provision {
        guard let provider = await inventory.withLock({ $0 })?.provider(of: hold.type) else {
            throw ProviderFailure("it is not there", hint: "see `berth plugin list`")
        }
        do throws(PluginSupervisor.CallFailure) {
            return try await provider.allocate(hold, of: reservation, within: bounds, folders: folders)
        } catch {
            let (reason, hint) = error.told
            throw ProviderFailure(reason, hint: hint)
        }
    }

    func release(_ type: ResourceType, of reservation: Reservation) async {
        // Before the plugin has the units again, and also where it is gone.
        for folder in reservation.provisions[type]?.folders ?? [] {
            do throws(KernelError) { try await folders.takeBack(folder) } catch {
                warn("what is in a folder of reservation \(reservation.id) is left: \(error)")
            }
        }
        await inventory.withLock { $0 }?.provider(of: type)?.release(reservation.id)
    }

    func check(_ ask: BerthModel.Ask) async throws(ProviderFailure) -> [BerthCore.Violation] {
        guard let provider = await inventory.withLock({ $0 })?.provider(of: ask.type) else { return [] }
        let place = JSONPointer(["resources", ask.type.name, "parameters"]).description
        do throws(PluginSupervisor.CallFailure) {
            return try await provider.check(ask).map {
                BerthCore.Violation(
                    code: $0.code, pointer: place + $0.pointer, message: $0.message, hint: $0.hint,
                    validator: provider.supervisor.file.manifest.name)
            }
        } catch {
            let (reason, hint) = error.told
            throw ProviderFailure(reason, hint: hint)
        }
    }

    func usage(of type: ResourceType, by reservation: ReservationID) async -> JSONObject? {
        await inventory.withLock { $0 }?.provider(of: type)?.usage(of: type, by: reservation)
    }
}
