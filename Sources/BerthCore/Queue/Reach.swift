/// How many of those who wait are worth a close look when something became free: up to the last that has room by sums. What is
/// granted to those before it only makes less room.
struct Reach {
    /// What must have room for each, in the order in which they will be looked at; nil for who is passed over.
    private var rooms: [Room?] = []
    private var last = 0
    private var index = 0

    /// One more; nil for who is passed over.
    mutating func add(_ room: Room?) { rooms.append(room) }

    /// Looks again who has room, at the start and after each grant.
    mutating func measure(_ timeline: Timeline) {
        last = (rooms[index...].lastIndex { $0?.has(timeline.steps[0]) ?? false } ?? index - 1) + 1
    }

    /// Whether the next one is to be looked at; of whom nothing is known is.
    mutating func goOn() -> Bool {
        defer { index = min(index + 1, rooms.count) }
        return index < last || index == rooms.count
    }
}
