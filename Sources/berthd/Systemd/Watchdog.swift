internal import BerthAgent
internal import CSystemd
internal import ServiceLifecycle

/// Tells systemd twice in each interval of its watchdog that the agent is alive, after having asked the agent itself: a
/// stuck one says nothing more, and systemd starts another (`WatchdogSec=` of systemd.service(5)).
struct Watchdog: Service {
    let agent: Agent
    /// How often.
    let pause: Duration

    /// - Returns: nil where systemd watches nothing, so that no timer runs for it
    init?(agent: Agent) {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0, microseconds > 0 else { return nil }
        self.agent = agent
        pause = .microseconds(Int64(clamping: microseconds / 2))
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                _ = await agent.epoch
                Notify.alive()
                try await Task.sleep(for: pause)
            }
        }
    }
}
