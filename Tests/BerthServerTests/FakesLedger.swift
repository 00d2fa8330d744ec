import BerthAgent
import BerthModel
import Synchronization

/// A ledger in memory, which can be told to fail or to keep nothing older than some event.
final class FakeLedger: Ledger {
    struct Contents: Sendable {
        var epoch = "epoch-1"
        var events: [Event] = []
        var ended: [Reservation] = []
        var oldest: Int64 = 0
        var isBroken = false
        var isLoadable = true
    }

    let contents = Mutex(Contents())

    func load() async throws(LedgerError) -> LedgerContents {
        let contents = contents.withLock { $0 }
        guard contents.isLoadable else { throw LedgerError("read the ledger: EIO") }
        return LedgerContents(
            epoch: contents.epoch, snapshot: Snapshot(), events: contents.events, setAside: nil)
    }

    func store(_ batch: LedgerBatch, whenStored: @escaping @Sendable (Result<Void, LedgerError>) -> Void) {
        let isBroken = contents.withLock { contents in
            if contents.isBroken { return true }
            contents.events += batch.events
            contents.ended += batch.ended
            return false
        }
        whenStored(isBroken ? .failure(LedgerError("write to the ledger: ENOSPC")) : .success(()))
    }

    func events(after id: Int64, limit: Int) async throws(LedgerError) -> [Event] {
        let contents = contents.withLock { $0 }
        guard id >= contents.oldest else { throw LedgerError("the events after \(id) are no longer kept") }
        return Array(contents.events.filter { $0.id > id }.prefix(limit))
    }

    func oldest() async throws(LedgerError) -> Int64 { contents.withLock { $0.oldest } }

    func ended(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        contents.withLock { contents in contents.ended.last { $0.id == id } }
    }

    func ended(state: Reservation.State?, user: UInt32?, limit: Int) async throws(LedgerError) -> [Reservation] {
        contents.withLock { contents in
            Array(
                contents.ended.reversed().filter {
                    (state == nil || state == $0.state) && (user == nil || user == $0.user)
                }.prefix(limit))
        }
    }

    func ended(user: UInt32, retry key: String) async throws(LedgerError) -> Reservation? {
        contents.withLock { contents in contents.ended.last { $0.user == user && $0.retry?.key == key } }
    }
}
