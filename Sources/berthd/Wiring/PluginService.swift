internal import BerthAgent
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import BerthPluginKit
internal import BerthServer
internal import Glibc
internal import Logging
internal import ServiceLifecycle

/// Runs the plugins of an agent for as long as it serves.
struct PluginService: Service {
    let inventory: PluginInventory
    private let folder: PluginFolderWatch
    private let logger: Logger

    init(
        _ settings: PluginSettings, host: String, stateFolder: String, agent: Agent, validators: ValidatorPort,
        enforcer: CgroupEnforcer?, watch: KernelWatch, logger: Logger
    ) {
        var box = PluginBox(host: host)
        // Where a group holds its memory that is only a second wall.
        box.addressSpace = enforcer == nil ? 1 << 30 : 4 << 30
        let isRoot = geteuid() == 0
        // Without a group of its own its user's processes are counted.
        box.processes = isRoot ? 64 : nil
        inventory = PluginInventory(
            PluginFolder(settings.folder),
            PluginInventory.Surroundings(
                box: box, stateFolder: stateFolder, users: isRoot ? settings.users : nil,
                configuration: settings.settings, validators: settings.validators,
                group: { (name) async throws(PluginFault) in
                    do throws(KernelError) { return try await enforcer?.pluginGroup(name) } catch {
                        throw .unstartable(error)
                    }
                },
                held: { types in
                    await agent.held(of: types).map { Allocation($0.hold, of: $0.reservation) }
                },
                whenValidators: { validators.use($0) },
                offered: { await agent.providedTypes() },
                whenOffered: { type, units in await agent.setUnits(type, units) },
                whenDown: { type, reason in await agent.failUnits(type, reason: reason) },
                tell: { name, line, isTrouble in
                    logger.log(level: isTrouble ? .warning : .info, "plugin \(name) \(line)")
                }))
        folder = PluginFolderWatch(settings.folder, watch)
        self.logger = logger
    }

    /// What the API asks.
    var calls: PluginCalls {
        let inventory = inventory
        return PluginCalls(
            list: { await inventory.document() }, one: { name in await inventory.document(name) },
            reload: { name in await inventory.reload(name) },
            scale: { name, type, target in
                switch await inventory.scale(name, type, to: target) {
                case nil: return .unknown
                case .success?: return .done
                case .failure(let failure)?:
                    let (reason, hint) = failure.told
                    return .failed(reason: reason, hint: hint)
                }
            })
    }

    func run() async throws {
        watchFolder()
        let following = Task { await inventory.follow() }
        await inventory.refresh()
        try? await gracefulShutdown()
        await inventory.stop()
        await following.value
    }

    /// Has the inventory look again when something has come, gone or changed, a moment later: a library and its manifest
    /// come one after the other.
    private func watchFolder() {
        let inventory = inventory
        do throws(KernelError) {
            try folder.watch { [self] in
                Task {
                    try? await Task.sleep(for: .milliseconds(200))
                    // It may be another folder of that name by now, or there may be none.
                    watchFolder()
                    await inventory.refresh()
                }
            }
        } catch {
            logger.warning("plugins that come and go are not noticed: \(error)")
        }
    }
}
