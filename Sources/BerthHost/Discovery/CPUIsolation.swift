internal import BerthModel

/// Which CPUs the scheduler leaves alone, and how they were isolated.
struct CPUIsolation: Equatable {
    /// nil where nothing says.
    var cpus: CPUSet?
    /// The flags of `isolcpus=`, `domain` where none are written.
    var flags: [String] = []

    /// Reads `/sys/devices/system/cpu/isolated` (kernel 4.2), else `isolcpus=` of `/proc/cmdline`. Only isolation from
    /// the scheduler's domains counts: with other flags alone (`nohz`, `managed_irq`) a CPU still runs anything.
    static func discover(_ reader: HostReader) -> CPUIsolation {
        let commandLine = reader.text("proc/cmdline")
        let option = commandLine.flatMap { Option(commandLine: $0) }
        var isolation = CPUIsolation(cpus: reader.list("\(CPUFolders.place)/isolated"), flags: option?.flags ?? [])
        guard isolation.cpus == nil, commandLine != nil else { return isolation }
        guard let option else {
            isolation.cpus = []
            return isolation
        }
        do throws(ParseError) {
            let last = (reader.list("\(CPUFolders.place)/possible") ?? reader.list("\(CPUFolders.place)/present"))?
                .max()
            let cpus = try CPUSet(parsing: option.list(lastCPU: last))
            isolation.cpus = option.flags.contains("domain") ? cpus : []
        } catch {
            reader.noteWrong("proc/cmdline", error)
        }
        return isolation
    }

    /// The value of `isolcpus=`: `domain,managed_irq,1-3,8-N`.
    struct Option: Equatable {
        private(set) var flags: [String]
        private var parts: [Substring]

        /// The last `isolcpus=` of a command line, nil when there is none.
        init?(commandLine: String) {
            let words = commandLine.split(whereSeparator: \.isWhitespace)
            guard let option = words.last(where: { $0.hasPrefix(Option.name) }) else { return nil }
            let fields = option.dropFirst(Option.name.utf8.count).filter { $0 != "\"" }
                .split(separator: ",", omittingEmptySubsequences: false)
            let isFlag: (Substring) -> Bool = { $0.first?.isLetter ?? false && $0 != "all" && !$0.hasPrefix("N") }
            flags = fields.prefix(while: isFlag).map(String.init)
            parts = Array(fields.drop(while: isFlag))
            if flags.isEmpty { flags = ["domain"] }
        }

        /// The list as a file of the kernel would write it: `all` and the `N` of `8-N` are the last CPU.
        func list(lastCPU: Int?) -> String {
            guard let lastCPU else { return parts.joined(separator: ",") }
            return parts.map { part in
                part == "all"
                    ? "0-\(lastCPU)" : part.map { $0 == "N" ? String(lastCPU) : String($0) }.joined()
            }.joined(separator: ",")
        }

        private static let name = "isolcpus="
    }
}
