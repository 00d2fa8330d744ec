internal import BerthAgent
internal import BerthHost
internal import BerthModel
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the configuration again at every SIGHUP. A file that is wrong changes nothing: the old one stays in force.
struct Reload: Service {
    let file: String
    let agent: Agent
    let watcher: HostWatcher
    let logger: Logger

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            do {
                let settings = try Configuration(file: file)
                await agent.setRoles(settings.roles)
                await agent.setCapacity(try Capacity(await watcher.discover(), settings.capacity))
                logger.info("the configuration was read again", metadata: ["file": "\(file)"])
            } catch {
                logger.error("the configuration stays as it was: \(error)")
            }
        }
    }
}
