internal import Synchronization

/// A batch on its way to the ledger, that tasks may wait for: mostly one, which costs no array.
final class Storing: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Void, LedgerError>, Never>

    private enum Progress {
        case underway
        case awaited(Waiter, others: [Waiter])
        case finished(Result<Void, LedgerError>)
    }

    /// The last event of the batch; 0 for nothing to store.
    let last: Int64
    private let progress: Mutex<Progress> = Mutex(.underway)

    init(last: Int64) { self.last = last }

    /// Tells whoever waits; called once, from any thread.
    func finish(_ result: Result<Void, LedgerError>) {
        let before = progress.withLock { progress in
            defer { progress = .finished(result) }
            return progress
        }
        guard case .awaited(let waiter, let others) = before else { return }
        waiter.resume(returning: result)
        for waiter in others { waiter.resume(returning: result) }
    }

    /// Waits for the end.
    func value() async throws(LedgerError) {
        let result = await withCheckedContinuation { continuation in
            let finished: Result<Void, LedgerError>? = progress.withLock { progress in
                switch progress {
                case .finished(let result): return result
                case .underway: progress = .awaited(continuation, others: [])
                case .awaited(let first, let others): progress = .awaited(first, others: others + [continuation])
                }
                return nil
            }
            if let finished { continuation.resume(returning: finished) }
        }
        try result.get()
    }
}
