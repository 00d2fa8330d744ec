package import BerthModel

/// How often memory was short in a group and those below it, since it was made: `memory.events`.
package struct MemoryEvents: Equatable, Sendable {
    package static let file = "memory.events"

    /// It was reclaimed from although below `memory.low`: more was promised than there is.
    package let low: UInt64
    /// It went over `memory.high` and was slowed down.
    package let high: UInt64
    /// It reached `memory.max` and had to give back.
    package let max: UInt64
    /// It reached `memory.max` and could not: an allocation failed, or somebody was ended.
    package let oom: UInt64
    /// Processes ended by any kind of out-of-memory killer. A group that dies whole counts every process.
    package let oomKill: UInt64
    /// How often the group died whole (`memory.oom.group`); nil before Linux 5.17.
    package let oomGroupKill: UInt64?

    package init(low: UInt64, high: UInt64, max: UInt64, oom: UInt64, oomKill: UInt64, oomGroupKill: UInt64?) {
        self.low = low
        self.high = high
        self.max = max
        self.oom = oom
        self.oomKill = oomKill
        self.oomGroupKill = oomGroupKill
    }

    package init(parsing text: String) throws(ParseError) {
        let lines = try FlatKeyed(parsing: text)
        self.init(
            low: try lines.required("low"), high: try lines.required("high"), max: try lines.required("max"),
            oom: try lines.required("oom"), oomKill: try lines.required("oom_kill"),
            oomGroupKill: lines["oom_group_kill"])
    }
}

extension MemoryEvents: CustomStringConvertible {
    /// The kernel's lines.
    package var description: String {
        let lines = "low \(low)\nhigh \(high)\nmax \(max)\noom \(oom)\noom_kill \(oomKill)"
        return oomGroupKill.map { "\(lines)\noom_group_kill \($0)" } ?? lines
    }
}
