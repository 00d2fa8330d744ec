internal import BerthAgent
internal import CLinux
internal import ServiceLifecycle

/// Looks now and then whether the kernel still holds what it was told to.
struct Verification: Service {
    let agent: Agent

    /// How long between two looks.
    private static let interval: Duration = .seconds(300)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Verification.interval, tolerance: .seconds(30))) != nil {
                await agent.verify()
                // It went through every reservation, and left as much behind.
                berth_give_back_memory()
            }
        }
    }
}
