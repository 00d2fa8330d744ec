internal import BerthAgent
internal import BerthModel
internal import Dispatch
internal import Synchronization

/// What the writer is asked to do.
enum Order: Sendable {
    /// To store a batch, and to tell when that is done.
    case store(LedgerBatch, whenStored: @Sendable (Result<Void, LedgerError>) -> Void)
    /// To read the ledger, opening it first where it is not.
    case load(CheckedContinuation<Result<LedgerContents, LedgerError>, Never>)
    /// To close it and to end.
    case close(whenClosed: @Sendable () -> Void)
}

/// The orders that wait for the writer, in the order they came.
///
/// Adding one costs a lock that is never held for longer than it takes to swap two arrays.
final class Orders: Sendable {
    private struct Waiting {
        var orders: [Order] = []
        /// Those that the writer has taken and not done.
        var underway: [Order] = []
        var writerSleeps = false
        var isClosed = false
    }

    private let waiting = Mutex(Waiting())
    private let bell = DispatchSemaphore(value: 0)

    /// Adds an order; false where the writer has ended or is about to.
    func add(_ order: Order) -> Bool {
        let (isAdded, mustRing) = waiting.withLock { waiting in
            guard !waiting.isClosed else { return (false, false) }
            if case .close = order { waiting.isClosed = true }
            waiting.orders.append(order)
            defer { waiting.writerSleeps = false }
            return (true, waiting.writerSleeps)
        }
        if mustRing { bell.signal() }
        return isAdded
    }

    /// Takes everything that waits; sleeps while nothing does. Empty only when so much time has passed.
    func take(within limit: DispatchTimeInterval?) -> [Order] {
        let deadline = limit.map { DispatchTime.now() + $0 } ?? .distantFuture
        while true {
            let taken = waiting.withLock { waiting in
                waiting.underway = waiting.orders
                waiting.orders = []
                waiting.writerSleeps = waiting.underway.isEmpty
                return waiting.underway
            }
            if !taken.isEmpty { return taken }
            if bell.wait(timeout: deadline) == .timedOut {
                let isEmpty = waiting.withLock { waiting in
                    waiting.writerSleeps = false
                    return waiting.orders.isEmpty
                }
                // An order that came just now has rung, or will have; the next sleep is then a short one.
                if isEmpty { return [] }
            }
        }
    }

    /// To be called when so many of those that were taken are done, before anybody is told so.
    func finish(_ count: Int) { waiting.withLock { $0.underway.removeFirst(min(count, $0.underway.count)) } }

    /// Ended reservations that were handed over and are not durable yet, oldest first.
    func ended(where isWanted: (Reservation) -> Bool) -> [Reservation] {
        let (underway, orders) = waiting.withLock { ($0.underway, $0.orders) }
        guard !underway.isEmpty || !orders.isEmpty else { return [] }
        return (underway + orders).flatMap { order in
            guard case .store(let batch, _) = order else { return [Reservation]() }
            return batch.ended.filter(isWanted)
        }
    }
}
