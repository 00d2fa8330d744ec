import BerthAgent
import Dispatch
import Synchronization

/// The result of one store, for a thread that waits for it.
final class DoneFlag: Sendable {
    private let result: Mutex<Result<Void, LedgerError>?> = Mutex(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func set(_ result: Result<Void, LedgerError>) {
        self.result.withLock { $0 = result }
        semaphore.signal()
    }

    /// Waits at most ten seconds.
    func wait() throws(LedgerError) {
        guard semaphore.wait(timeout: .now() + .seconds(10)) == .success, let result = result.withLock({ $0 }) else {
            throw LedgerError("nothing came within ten seconds")
        }
        try result.get()
    }
}
