package import BerthCore
package import BerthModel

/// Where a reservation stands among those who wait, as its holder is shown it.
package struct QueueView: Hashable, Sendable {
    /// How many go before it, and one more; nil where that is more than are counted.
    package var position: Int?
    /// When it is expected to be granted; nil where nobody knows.
    package var expectedStart: Timestamp?
    /// Why it is not granted now; nil where it only waits for those before it.
    package var refusal: Refusal?
    /// How many of its gang have asked, where that are not all yet.
    package var members: Int?
    /// The quota that it waits for, or for whose sake all others go first.
    package var quota: Excess?

    init(_ standing: Standing, _ now: Now) {
        position = standing.position
        expectedStart = standing.expected.map { now.wall + .milliseconds($0 - now.uptime) }
        refusal = standing.refusal
        members = standing.members
        quota = standing.quota
    }
}
