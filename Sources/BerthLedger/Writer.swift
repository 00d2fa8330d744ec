internal import BerthAgent
internal import BerthModel
internal import Dispatch
internal import GRDB

/// The one thread that opens, writes, compacts and closes the ledger. Only ``run()`` is called from outside.
///
/// Everything that waits when it comes round is written in one transaction: while it is made durable, more comes in.
final class Writer {
    private let orders: Orders
    let readSide: ReadSide
    let folder: StateFolder
    let retention: Retention
    let prepare: @Sendable (Database) throws -> Void
    private let whenAtRest: @Sendable () -> Void
    var lock: FolderLock?
    var file: LedgerFile?
    /// Why nothing can be stored; nil while it can.
    var failure: LedgerError? = LedgerError("the ledger is not open")
    /// Why the file is given up at the next load.
    var damage: Damage?
    /// What became of files that were given up, until a load has told of it.
    var setAside: [String] = []
    /// Whether something may be too old.
    var mayCompact = false
    /// Whether a load or a snapshot may have left memory behind.
    var mayRest = false
    /// Where time stood, by the events, when it was last looked for what is too old.
    private var lastLook: Int64 = 0

    init(
        _ orders: Orders, _ readSide: ReadSide, _ folder: StateFolder, _ retention: Retention,
        prepare: @escaping @Sendable (Database) throws -> Void, whenAtRest: @escaping @Sendable () -> Void
    ) {
        self.orders = orders
        self.readSide = readSide
        self.folder = folder
        self.retention = retention
        self.prepare = prepare
        self.whenAtRest = whenAtRest
    }

    /// Does what is ordered until it is ordered to close.
    func run() {
        while true {
            // To rest waits longer: what was loaded is in use until the agent has made its state of it.
            let taken = orders.take(within: mayCompact ? .milliseconds(20) : mayRest ? .milliseconds(500) : nil)
            if taken.isEmpty { if mayCompact { compact() } else { rest() } }
            var rest = taken[...]
            while let first = rest.first {
                switch first {
                case .store:
                    let group = rest.prefix { if case .store = $0 { true } else { false } }
                    rest = rest.dropFirst(group.count)
                    store(group)
                case .load(let waiter):
                    rest = rest.dropFirst()
                    let result = load()
                    orders.finish(1)
                    waiter.resume(returning: result)
                case .close(let whenClosed):
                    closeFile()
                    lock = nil
                    orders.finish(1)
                    return whenClosed()
                }
            }
        }
    }

    /// Stores a group of batches in one transaction, and tells each what came of it, in order.
    private func store(_ group: ArraySlice<Order>) {
        var last = file?.position.last ?? 0
        var batches: [LedgerBatch] = []
        var refusals: [LedgerError?] = []
        for case .store(let batch, _) in group {
            let refusal = failure ?? Writer.refusal(of: batch, after: last)
            refusals.append(refusal)
            guard refusal == nil else { continue }
            batches.append(batch)
            last = batch.events.last?.id ?? last
        }
        if failure == nil, let file, !batches.isEmpty { write(batches, file) }
        orders.finish(group.count)
        for (order, refusal) in zip(group, refusals) {
            guard case .store(_, let whenStored) = order else { continue }
            let error: LedgerError? = refusal ?? failure
            whenStored(error.map { .failure($0) } ?? .success(()))
        }
    }

    private func write(_ batches: [LedgerBatch], _ file: LedgerFile) {
        do {
            if let hasMore = try file.store(batches, compactingBy: mayCompact ? retention : nil) {
                noteCompacted(file, hasMore: hasMore)
            }
        } catch {
            let events = batches.reduce(0) { $0 + $1.events.count }
            fail(LedgerError("store \(events) events in \(folder.file): \(error)"), error)
            return
        }
        let position = file.position
        readSide.set(ReadSide.Current(pool: file.pool, position: position))
        let hasSnapshot = batches.contains { $0.snapshot != nil }
        mayRest = mayRest || hasSnapshot
        if hasSnapshot || abs(position.newest - lastLook) >= retention.interval {
            mayCompact = true
        }
    }

    /// Why a batch does not go on where the ledger ends; nil when it does. Such a batch was decided on what was not
    /// stored, and is refused alone.
    private static func refusal(of batch: LedgerBatch, after last: Int64) -> LedgerError? {
        var expected = last
        for event in batch.events {
            expected += 1
            guard event.id == expected else {
                return LedgerError("store event \(event.id): the ledger goes on with event \(expected)")
            }
        }
        guard let snapshot = batch.snapshot, snapshot.event != expected else { return nil }
        return LedgerError("store a snapshot at event \(snapshot.event): the last event is \(expected)")
    }

    private func fail(_ failure: LedgerError, _ error: any Error) {
        self.failure = failure
        if !Damage.mayPass(error) { damage = damage ?? Damage(error) }
    }

    /// Deletes a piece of what is too old. A failure is one of the ledger only where the file is damaged: what is too
    /// old does no harm.
    private func compact() {
        guard failure == nil, let file else {
            mayCompact = false
            return
        }
        do {
            noteCompacted(file, hasMore: try file.compact(retention))
            readSide.set(ReadSide.Current(pool: file.pool, position: file.position))
        } catch {
            mayCompact = false
            if Damage(error) != nil { fail(LedgerError("compact \(folder.file): \(error)"), error) }
        }
    }

    /// Nobody waits: gives back what is not needed until somebody comes.
    private func rest() {
        mayRest = false
        file?.releaseMemory()
        whenAtRest()
    }

    private func noteCompacted(_ file: LedgerFile, hasMore: Bool) {
        mayCompact = hasMore
        if !hasMore { lastLook = file.position.newest }
    }
}
