internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// Where a reservation stands among those who wait, as its holder is shown it.
package struct QueueView: Hashable, Sendable {
    /// How many go before it, and one more; nil where that is more than are counted.
    var position: Int?
    /// When it is expected to be granted; nil where nobody knows.
    var expectedStart: Timestamp?
    /// What it is short of now.
    var shortfalls: [Shortfall]
    /// How many of its gang have asked, where that are not all yet.
    var members: Int?
    /// The quota that it waits for, or for whose sake all others go first.
    var quota: Excess?

    init(_ standing: Standing, _ now: Now) {
        position = standing.position
        expectedStart = standing.expected.map { now.wall + .milliseconds($0 - now.uptime) }
        shortfalls = standing.shortfalls
        members = standing.members
        quota = standing.quota
    }

    /// The `queue` of a reservation's document.
    var json: JSONValue {
        var object: JSONObject = [:]
        object["position"] = position.map { JSONValue($0) }
        object["expected_start"] = expectedStart.map { .string($0.description) }
        object["shortfalls"] = .array(shortfalls.map(\.json))
        object["members"] = members.map { JSONValue($0) }
        object["quota"] = quota.map(\.json)
        return .object(object)
    }
}
