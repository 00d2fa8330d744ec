package import BerthKernel
internal import BerthModel

/// The agent's process, as `/proc` shows it to everyone.
package struct AgentProcess: Hashable, Sendable {
    /// Its number.
    package let pid: Int32
    /// Its effective user; nil where /proc hides it.
    package let user: UInt32?
    /// Its threads by number, each with its effective capabilities; empty where /proc hides them.
    package let tasks: [Task]
    /// Where it makes its groups; nil where that is not known.
    package let root: Workplace?

    /// One thread.
    package struct Task: Hashable, Sendable {
        package let id: Int
        package let capabilities: CapabilitySet

        package init(id: Int, capabilities: CapabilitySet) {
            self.id = id
            self.capabilities = capabilities
        }
    }

    /// Where an agent makes its groups.
    package enum Workplace: Hashable, Sendable {
        /// Nowhere: it was told `--cgroup-root none`, or to believe a recorded host.
        case nowhere
        /// Below this folder, with a leading slash.
        case folder(String)
    }

    package init(pid: Int32, user: UInt32?, tasks: [Task], root: Workplace?) {
        self.pid = pid
        self.user = user
        self.tasks = tasks
        self.root = root
    }
}

extension AgentProcess {
    /// Reads what there is to read.
    /// - Parameters:
    ///   - peer: who listens at the socket; systemd where that opened it, and then its service is looked for
    ///   - mount: where the cgroup v2 tree is mounted, `/sys/fs/cgroup`
    /// - Returns: nil where no process can be told to be the agent
    package static func read(_ root: Root, peer: Int32, mount: String?) -> AgentProcess? {
        let reader = HostReader(root: root)
        var found: Int32? = peer > 1 ? peer : nil
        if peer == 1, let mount { found = mainProcess(reader, mount: mount) }
        guard let pid = found, reader.exists("proc/\(pid)") else { return nil }
        let user = reader.contents("proc/\(pid)/status").flatMap(user)
        let tasks = reader.names("proc/\(pid)/task").compactMap { name -> Task? in
            guard let id = Int(name), let text = reader.contents("proc/\(pid)/task/\(name)/status") else { return nil }
            return capabilities(text).map { Task(id: id, capabilities: $0) }
        }
        return AgentProcess(
            pid: pid, user: user, tasks: tasks.sorted { $0.id < $1.id },
            root: workplace(reader, pid: pid, user: user, mount: mount))
    }

    /// The process of the packaged unit that is called `berthd`.
    private static func mainProcess(_ reader: HostReader, mount: String) -> Int32? {
        let processes = reader.text("\(mount.dropFirst())/system.slice/berthd.service/cgroup.procs") ?? ""
        return processes.split(separator: "\n").compactMap { Int32($0) }.first {
            reader.text("proc/\($0)/comm") == "berthd"
        }
    }

    private static func user(_ status: String) -> UInt32? {
        do throws(ParseError) { return try ProcessStatus(parsing: status).effectiveUser } catch { return nil }
    }

    private static func capabilities(_ status: String) -> CapabilitySet? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }) else { return nil }
        do throws(ParseError) {
            return try CapabilitySet(parsing: line.dropFirst(7).trimmed)
        } catch {
            return nil
        }
    }

    /// What it was told on its command line, else the scope that it makes by itself, where that is there.
    private static func workplace(_ reader: HostReader, pid: Int32, user: UInt32?, mount: String?) -> Workplace? {
        let arguments = (reader.contents("proc/\(pid)/cmdline") ?? "").split(separator: "\0").map(String.init)
        if option("--host-root", arguments) != nil { return .nowhere }
        if let told = option("--cgroup-root", arguments) {
            guard told != "none" else { return .nowhere }
            return told.hasPrefix("/") ? .folder(told) : nil
        }
        guard let mount else { return nil }
        let scope = "berth.slice/berth-workloads.scope"
        let own = user.map { "\(mount)/user.slice/user-\($0).slice/user@\($0).service/\(scope)" }
        return ["\(mount)/\(scope)", own].compactMap { $0 }.first { reader.exists(String($0.dropFirst())) }
            .map { .folder($0) }
    }

    /// `--name value` or `--name=value`.
    private static func option(_ name: String, _ arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == name { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            if argument.hasPrefix("\(name)=") { return String(argument.dropFirst(name.count + 1)) }
        }
        return nil
    }
}
