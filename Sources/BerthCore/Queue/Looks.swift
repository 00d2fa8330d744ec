internal import BerthModel

/// How far one look at the queue goes: at so many of those who wait, and of one user's at a quarter of that, so that whoever
/// has queued a thousand holds up nobody but itself. Who is barred is passed over, and counts for little.
struct Looks {
    private var left: Int
    private let mostOfOne: Int
    private var ofUser: [UInt32: Int] = [:]
    /// How many may be barred or of users who have had their part.
    private(set) var patience: Int
    /// Whether anybody has to wait on, so that whoever is granted after it has passed it.
    private(set) var hasPassed = false

    init(_ depth: Int) {
        left = depth
        mostOfOne = max(depth / 4, 1)
        patience = 16 * depth
    }

    /// Whether anybody more is to be looked at.
    var goOn: Bool { left > 0 && patience > 0 }

    /// Whether one more of a user's is to be looked at.
    func mayLook(at user: UInt32) -> Bool { ofUser[user] ?? 0 < mostOfOne }

    /// So many of users who have had their part were passed over.
    mutating func pass(_ count: Int) { patience -= count }

    /// Somebody was looked at.
    mutating func note(_ turn: Plan.Turn, of user: UInt32) {
        switch turn {
        case .barred:
            patience -= 8
            ofUser[user, default: 0] += 1
        case .later, .unknown:
            hasPassed = true
            left -= 1
            ofUser[user, default: 0] += 1
        case .now, .together: left -= 1
        }
    }
}
