/// How many of those who wait are worth a close look when something became free: up to the last that has room by sums. What is
/// granted to those before it only makes less room.
struct Reach {
    /// What must have room for each that will be looked at, with its place among all.
    private var rooms: [(place: Int, room: Room)] = []
    private var count = 0
    private var last = 0
    private var index = 0

    /// One more.
    mutating func add(_ room: Room) {
        rooms.append((count, room))
        count += 1
    }

    /// So many more that will be passed over.
    mutating func add(passed: Int) { count += passed }

    /// Looks again who has room, at the start and after each grant.
    mutating func measure(_ timeline: Timeline) {
        let now = timeline.steps[0]
        last = rooms.last { $0.place >= index && $0.room.has(now) }.map { $0.place + 1 } ?? index
    }

    /// Whether the next one is to be looked at; of whom nothing is known is.
    mutating func goOn() -> Bool {
        defer { index = min(index + 1, count) }
        return index < last || index == count
    }

    /// So many were passed over.
    mutating func pass(_ passed: Int) { index = min(index + passed, count) }
}
