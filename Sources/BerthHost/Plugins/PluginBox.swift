internal import BerthKernel
internal import BerthPluginKit

/// What a plugin's process is shut into.
package struct PluginBox: Hashable, Sendable {
    /// Where berth-plugin-host lies.
    package var host: String
    /// Who it runs as; nil for whoever starts it, which only root can change.
    package var user: UInt32?
    /// Its own folder; nil for none.
    package var state: String?
    /// What of it is open all the same, as sentences, beside what the process finds itself.
    package var open: [String] = []
    /// Bytes of address space, a second wall behind the cgroup's; nil for none.
    package var addressSpace: UInt64?
    /// How many processes the user that it runs as may have, a second wall likewise; nil for any number.
    package var processes: Int?
    /// How long loading may take, and each call, in milliseconds.
    package var loadingWait: Int64 = 10_000
    package var callWait: Int64 = 5_000

    package init(host: String) { self.host = host }

    /// Starts a plugin in it.
    package func start(
        _ file: PluginFile, cgroup: Int32? = nil, hurry: PluginProcess.Hurry? = nil,
        whenWritten: @escaping (String) -> Void
    ) throws(PluginFault) -> PluginProcess {
        try PluginProcess(
            host, words(file), cgroup: cgroup, loadingWithin: loadingWait, hurry: hurry, whenWritten: whenWritten)
    }

    private func words(_ file: PluginFile) -> [String] {
        let needs = file.manifest.needs
        var words = ["--library", file.library]
        if let user { words += ["--user", "\(user):\(user)"] }
        if let state { words += ["--state", state] }
        if let addressSpace { words += ["--address-space", String(addressSpace)] }
        if let processes { words += ["--processes", String(processes)] }
        if needs.network { words.append("--network") }
        for (option, paths) in [("--exec", needs.exec), ("--read", needs.read), ("--write", needs.write)] {
            words += paths.flatMap { [option, $0] }
        }
        return words
    }
}
