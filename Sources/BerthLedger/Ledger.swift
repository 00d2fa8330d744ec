package import BerthAgent
internal import Foundation
internal import GRDB

/// The ledger in SQLite: `berth.db` in the state folder, in WAL mode, every commit synced (`synchronous=FULL`).
///
/// One thread of its own writes. Whatever was handed to ``store(_:whenStored:)`` while it was busy goes into one
/// transaction, so that concurrent requests share one sync. Readers have connections of their own and never hold it up.
///
/// A start never fails for what the file holds. A file that is damaged, another program's or another version's is set
/// aside as `berth.db.corrupt-TIME` (with its `-wal` and `-shm`) and a new ledger with a new epoch begun. Single events
/// and reservations that this version cannot read, such as those of a newer agent, are passed over and stay in the
/// file: ``load()`` then answers with a snapshot at the last event, of all that could be read, and no events after it.
/// `LedgerContents.setAside` tells of both. What is no fault of the file, such as a full disk or a second agent in the
/// same folder, is thrown.
package final class SQLiteLedger: Ledger {
    let orders = Orders()
    let readSide = ReadSide()
    let retention: Retention

    /// A ledger in a folder. Nothing is opened or made before ``load()``.
    /// - Parameter whenAtRest: called from the writer's thread some time after a load or a snapshot, once nobody waits:
    ///   what they took in memory is free again
    package convenience init(folder: String, whenAtRest: @escaping @Sendable () -> Void = {}) {
        self.init(folder: folder, retention: Retention(), whenAtRest: whenAtRest)
    }

    /// - Parameter prepare: called with the writer's connection at every load
    init(
        folder: String, retention: Retention, prepare: @escaping @Sendable (Database) throws -> Void = { _ in },
        whenAtRest: @escaping @Sendable () -> Void = {}
    ) {
        self.retention = retention
        let thread = Thread { [orders, readSide] in
            // Only a thread itself can set its name in the kernel.
            Thread.current.name = "berth-ledger"
            Writer(
                orders, readSide, StateFolder(path: folder), retention, prepare: prepare, whenAtRest: whenAtRest
            ).run()
        }
        thread.start()
    }

    deinit { _ = orders.add(.close(whenClosed: {})) }

    /// Reads what is kept; makes the folder (0700) and the file (0600) where they are missing.
    ///
    /// Waits for batches that were handed over before. After a failure the ledger stores again from here on: what the
    /// caller decided on since its last load must be forgotten, and what is returned taken in its place.
    package func load() async throws(LedgerError) -> LedgerContents {
        let result = await withCheckedContinuation { waiter in
            guard orders.add(.load(waiter)) else {
                return waiter.resume(returning: .failure(LedgerError("the ledger is closed")))
            }
        }
        return try result.get()
    }

    /// Stores a batch. Returns at once; `whenStored` is called from the writer's thread, in the order of the calls and
    /// outside of any lock.
    ///
    /// A failure (a full disk, an error of the device) is that of all batches that were to share the transaction, and
    /// of every later one until ``load()`` was called: the caller then takes its state from what that returns. A batch
    /// whose events do not follow the last stored one fails alone.
    package func store(
        _ batch: LedgerBatch, whenStored: @escaping @Sendable (Result<Void, LedgerError>) -> Void
    ) {
        guard orders.add(.store(batch, whenStored: whenStored)) else {
            return whenStored(.failure(LedgerError("the ledger is closed")))
        }
    }

    /// Stores what was handed over, and closes the file; nothing can be stored or read any more.
    package func close() async {
        await withCheckedContinuation { continuation in
            guard orders.add(.close(whenClosed: { continuation.resume() })) else { return continuation.resume() }
        }
    }
}
