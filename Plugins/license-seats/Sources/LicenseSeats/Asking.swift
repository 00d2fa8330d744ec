import BerthPluginKit
import Glibc
import Synchronization

/// Asks the command of one type again and again, on a thread of its own: no other type waits for a command that hangs.
final class Asking: Sendable {
    private let type: String
    private let words: [String]
    private let pause: timespec
    private let pools: Pools
    private let agent: AgentLine
    private let isOver = Atomic(false)

    /// - Parameters:
    ///   - words: the command
    ///   - every: how often it is asked, in seconds
    ///   - pools: who is told what it answers
    ///   - agent: who is told that something changed
    init(_ type: String, _ words: [String], every: Double, _ pools: Pools, _ agent: AgentLine) {
        self.type = type
        self.words = words
        pause = timespec(tv_sec: Int(min(max(every, 1), 1e9)), tv_nsec: 0)
        self.pools = pools
        self.agent = agent
    }

    /// Begins, and does not wait for the first answer.
    func start() throws {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Asking>.fromOpaque(context).takeRetainedValue().keepAsking()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw Failure("cannot start a thread: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }

    /// Has it ask no more.
    func stop() { isOver.store(true, ordering: .relaxed) }

    private func keepAsking() {
        while !isOver.load(ordering: .relaxed) {
            if pools.set(type, SeatCommand.ask(words)) {
                if let trouble = pools.trouble(of: type) { print("no seats of \(type): \(trouble)") }
                agent.changed()
            }
            var pause = pause
            nanosleep(&pause, nil)
        }
    }
}
