internal import Synchronization

/// A batch on its way to the ledger, that tasks may wait for.
final class Storing: Sendable {
    private enum Progress {
        case underway
        case awaited([CheckedContinuation<Result<Void, LedgerError>, Never>])
        case finished(Result<Void, LedgerError>)
    }

    /// The last event of the batch; 0 for nothing to store.
    let last: Int64
    private let progress: Mutex<Progress> = Mutex(.underway)

    init(last: Int64) { self.last = last }

    /// Tells all who wait; called once, from any thread.
    func finish(_ result: Result<Void, LedgerError>) {
        let waiters: [CheckedContinuation<Result<Void, LedgerError>, Never>] = progress.withLock { progress in
            defer { progress = .finished(result) }
            if case .awaited(let waiters) = progress { return waiters }
            return []
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }

    /// Waits for the end.
    func value() async throws(LedgerError) {
        let result = await withCheckedContinuation { continuation in
            let finished: Result<Void, LedgerError>? = progress.withLock { progress in
                switch progress {
                case .finished(let result): return result
                case .awaited(let others): progress = .awaited(others + [continuation])
                case .underway: progress = .awaited([continuation])
                }
                return nil
            }
            if let finished { continuation.resume(returning: finished) }
        }
        try result.get()
    }
}
