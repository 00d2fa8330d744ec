internal import BerthModel
internal import GRDB

/// How long things are kept. Ages are told from the times of the events themselves, so that no clock is needed: a
/// thing is as old as the last event is younger than it.
struct Retention: Sendable {
    /// The age at which events go, in milliseconds.
    var eventAge = Duration.seconds(30 * 24 * 3600).milliseconds
    /// How many events are kept at most.
    var eventCount: Int64 = 1_000_000
    /// How long after their end ended reservations go, in milliseconds.
    var endedAge = Duration.seconds(30 * 24 * 3600).milliseconds
    /// How long after the end a retry key still finds its reservation, in milliseconds.
    var retryAge = Duration.seconds(24 * 3600).milliseconds
    /// How many rows of each table go at a time while nobody waits for a commit: a piece takes a millisecond or two.
    var piece = 200
    /// How much time must have passed by the events until it is looked again, in milliseconds.
    var interval = Duration.seconds(3600).milliseconds

    /// Deletes at most `limit` of the events and of the ended reservations that are too old, oldest first, and tells
    /// whether there may be more. Events that the next start needs stay, however old.
    func compact(_ db: Database, _ position: inout Position, limit: Int) throws -> Bool {
        let upper = min(position.snapshot, position.oldest + Int64(limit))
        let kept = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM event WHERE id > ? AND id <= ? AND at >= ? ORDER BY id LIMIT 1"),
            arguments: [max(position.oldest, position.last - eventCount), upper, position.newest - eventAge])
        let last = kept.map { $0 - 1 } ?? upper
        if last > position.oldest {
            try db.cachedStatement(sql: "DELETE FROM event WHERE id <= ?").execute(arguments: [last])
            position.oldest = last
        }
        let sql = "DELETE FROM ended WHERE number IN (SELECT number FROM ended WHERE ended < ? ORDER BY ended LIMIT ?)"
        try db.cachedStatement(sql: sql).execute(arguments: [position.newest - endedAge, limit])
        return kept == nil && upper < position.snapshot || db.changesCount == limit
    }
}
