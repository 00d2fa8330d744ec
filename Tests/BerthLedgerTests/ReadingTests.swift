import BerthAgent
import BerthModel
import GRDB
import Testing

@testable import BerthLedger

@Suite("Reading the ledger") struct ReadingTests {
    /// A ledger with a history, and the reservations that ended in it, oldest first.
    private static func ledger(_ folder: TemporaryFolder, events: Int) async throws -> (SQLiteLedger, [Reservation]) {
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        let batch = story.batch(events)
        try await ledger.storeAndWait(batch)
        return (ledger, batch.ended)
    }

    @Test("events come after an id, oldest first, and no more than were asked for")
    func events() async throws {
        let folder = TemporaryFolder()
        let (ledger, _) = try await Self.ledger(folder, events: 50)
        #expect(try await ledger.oldest() == 0)
        #expect(try await ledger.events(after: 0, limit: 3).map(\.id) == [1, 2, 3])
        #expect(try await ledger.events(after: 47, limit: 10).map(\.id) == [48, 49, 50])
        #expect(try await ledger.events(after: 50, limit: 10).isEmpty)
        #expect(try await ledger.events(after: .max, limit: 10).isEmpty)
        #expect(try await ledger.events(after: 0, limit: 0).isEmpty)
        #expect(try await ledger.events(after: 0, limit: -1).isEmpty)
    }

    @Test("an ended reservation is found by its id, and one that never was is not")
    func byID() async throws {
        let folder = TemporaryFolder()
        let (ledger, ended) = try await Self.ledger(folder, events: 200)
        for reservation in ended { #expect(try await ledger.ended(reservation.id) == reservation) }
        #expect(try await ledger.ended(ReservationID(bits: 5)) == nil)
    }

    @Test("ended reservations are listed newest first, by state and by user", arguments: [1, 5, 1000])
    func lists(limit: Int) async throws {
        let folder = TemporaryFolder()
        let (ledger, ended) = try await Self.ledger(folder, events: 400)
        let newest = Array(ended.reversed())
        #expect(Set(newest.map(\.state)).count == 2 && Set(newest.map(\.user)).count == 2)
        for state in [nil, .failed, .released, .expired] as [Reservation.State?] {
            for user in [nil, 1000, 1001, 7] as [UInt32?] {
                let expected = newest.filter { (state ?? $0.state) == $0.state && (user ?? $0.user) == $0.user }
                #expect(try await ledger.ended(state: state, user: user, limit: limit) == Array(expected.prefix(limit)))
            }
        }
    }

    @Test("a retry key finds its user's reservation for a day by the events, and the newest of several")
    func retryKeys() async throws {
        let folder = TemporaryFolder()
        let (ledger, ended) = try await Self.ledger(folder, events: 1000)
        // There is an event a minute, and one of six frees a reservation two rounds after its end.
        let day = 24 * 60 / 6
        #expect(ended.count < day)
        for reservation in ended {
            let key = try #require(reservation.retry?.key)
            #expect(try await ledger.ended(user: reservation.user, retry: key) == reservation)
            #expect(try await ledger.ended(user: reservation.user + 2, retry: key) == nil)
        }
        let first = try #require(ended.first)
        let key = try #require(first.retry?.key)
        var story = Story(through: 1000)
        var again = story.batch(600)
        var second = try #require(again.ended.last)
        second.retry?.key = key
        second.user = first.user
        again.ended.append(second)
        try await ledger.storeAndWait(again)
        #expect(try await ledger.ended(user: first.user, retry: key) == second)
        let third = try #require(ended.dropFirst().first)
        #expect(try await ledger.ended(user: third.user, retry: try #require(third.retry?.key)) == nil)
        #expect(try await ledger.ended(third.id) == third)
    }

    @Test("a long read does not hold up the writer")
    func readersDoNotBlock() async throws {
        let folder = TemporaryFolder()
        let (ledger, _) = try await Self.ledger(folder, events: 100)
        let count = try await ledger.readSide.read("everything") { db, _ in
            // Stores and waits while the reading transaction is open.
            let rows = try Int.fetchCursor(db, sql: "SELECT id FROM event")
            _ = try rows.next()
            let done = DoneFlag()
            var story = Story(through: 100)
            ledger.store(story.batch()) { result in done.set(result) }
            try done.wait()
            var count = 1
            while try rows.next() != nil { count += 1 }
            return count
        }
        #expect(count == 100)
        #expect(try await ledger.events(after: 100, limit: 10).count == 1)
    }
}
