internal import BerthAgent
internal import BerthHost
internal import BerthModel
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the configuration again at every SIGHUP. A file that is wrong changes nothing: the old one stays in force.
struct Reload: Service {
    let file: String
    /// What the agent was started with.
    let first: Configuration
    let mode: SocketMode?
    let agent: Agent
    let watcher: HostWatcher
    let plugins: PluginInventory
    let logger: Logger

    func run() async throws {
        var wasThere = first.isThere
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            Notify.reloading()
            defer { Notify.ready("serving") }
            do {
                // One that has gone since it was read is more likely being replaced than meant to say nothing.
                let settings = try Configuration(file: file, isRequired: wasThere)
                let capacity = try await watcher.capacity(settings.capacity)
                if let reason = await agent.configure(settings.pools, on: capacity) {
                    throw ConfigurationError(file: file, line: nil, reason: "pools: \(reason)")
                }
                await agent.setRoles(settings.roles)
                mode?.set(for: settings.roles, logger)
                await agent.setPreemption(settings.preemption)
                await agent.setMaintenance(settings.maintenance)
                for line in await agent.maintenanceDoubts() { logger.warning("\(line)") }
                await plugins.use(settings.plugins.settings, settings.plugins.validators)
                wasThere = settings.isThere
                logger.info("the configuration was read again", metadata: ["file": "\(file)"])
                for key in settings.startKeys(otherThan: first) {
                    logger.warning("\(key) is in force only from the next start of the agent")
                }
            } catch {
                logger.error("the configuration stays as it was: \(error)")
            }
        }
    }
}
