/// When a plugin that has failed is started again: later each time, and at last not any more.
struct PluginBackoff: Hashable, Sendable {
    /// The first pause, in milliseconds; each is twice the one before.
    static let first: Int64 = 200
    /// The longest pause.
    static let longest: Int64 = 60_000
    /// So many failures one soon after the other, and it is left down.
    static let mostFailures = 10
    /// So many tries to load it, for what it needs may only just be coming.
    static let mostLoads = 3
    /// One that has run for so long has failed anew, and not again.
    static let recovery: Int64 = 600_000

    private(set) var failures = 0

    /// Notes a failure.
    /// - Parameters:
    ///   - milliseconds: how long it had run
    ///   - most: so many in a row, and there is no other start
    /// - Returns: how long to wait before the next start; nil where there is none
    mutating func fail(afterRunning milliseconds: Int64, most: Int = mostFailures) -> Int64? {
        failures = milliseconds >= PluginBackoff.recovery ? 1 : failures + 1
        guard failures < most else { return nil }
        return min(PluginBackoff.first << Int64(failures - 1), PluginBackoff.longest)
    }
}
