/// What a plugin has written lately.
struct PluginLog {
    /// So many lines are kept.
    static let most = 200

    private(set) var lines: [String] = []

    mutating func add(_ line: String) {
        if lines.count >= PluginLog.most { lines.removeFirst(PluginLog.most / 4) }
        lines.append(line)
    }
}
