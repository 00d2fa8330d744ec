internal import Synchronization

/// A batch on its way to the ledger, that one task may wait for.
final class Storing: Sendable {
    private enum Progress {
        case underway
        case awaited(CheckedContinuation<Result<Void, LedgerError>, Never>)
        case finished(Result<Void, LedgerError>)
    }

    /// The last event of the batch; 0 for nothing to store.
    let last: Int64
    private let progress: Mutex<Progress> = Mutex(.underway)

    init(last: Int64) { self.last = last }

    /// Tells whoever waits; called once, from any thread.
    func finish(_ result: Result<Void, LedgerError>) {
        let waiter: CheckedContinuation<Result<Void, LedgerError>, Never>? = progress.withLock { progress in
            defer { progress = .finished(result) }
            if case .awaited(let waiter) = progress { return waiter }
            return nil
        }
        waiter?.resume(returning: result)
    }

    /// Waits for the end; called at most once.
    func value() async throws(LedgerError) {
        let result = await withCheckedContinuation { continuation in
            let finished: Result<Void, LedgerError>? = progress.withLock { progress in
                if case .finished(let result) = progress { return result }
                progress = .awaited(continuation)
                return nil
            }
            if let finished { continuation.resume(returning: finished) }
        }
        try result.get()
    }
}
