internal import BerthModel

/// Who the agent is, and inside of what it runs.
enum SurroundingsFindings {
    static func all(_ host: Host, _ facts: DoctorFacts, _ agent: AgentFacts?) -> [Finding] {
        [
            user(host, facts, agent), container(host), namespace(host), systemd(host), unreadable(facts),
        ].compactMap { $0 }
    }

    /// What an agent without root leaves out; the one that runs, else one of this user's.
    private static func user(_ host: Host, _ facts: DoctorFacts, _ agent: AgentFacts?) -> Finding? {
        let running = agent?.user
        guard let user = running ?? facts.user else { return nil }
        let status = agent?.process.map { running == nil ? "/proc/self/status" : "/proc/\($0.pid)/status" }
        let shownBy = status ?? "/proc/self/status"
        guard user != 0 else {
            return Finding(.ok, .user, running == nil ? "this is root" : "the agent runs as root", shownBy: shownBy)
        }
        let whose = running == nil ? "an agent that you start" : "the agent that runs"
        let root = [Mend.start(host)]
        if case .folder(let folder)? = agent?.process?.root {
            return Finding(
                .note, .user, "\(whose) is not root but user \(user), and works in \(folder)", shownBy: shownBy,
                consequence: partial, mend: root)
        }
        guard let place = facts.place else {
            guard host.kernel.cgroupMount != nil else {
                return Finding(
                    .note, .user, "this is not root but user \(user)", shownBy: shownBy,
                    consequence: "an agent that you start enforces nothing: there is no cgroup v2 tree to work in",
                    mend: root)
            }
            return Finding(
                .problem, .user, "\(whose) is not root but user \(user), who has no manager with a cgroup of its own",
                shownBy: shownBy, consequence: "there is no place to make groups in, so nothing is held",
                mend: root + ["or sudo loginctl enable-linger \"$USER\", then log in again"])
        }
        let left = ["cpu", "cpuset", "memory", "io", "pids"].filter { !(place.controllers ?? []).contains($0) }
        let missing = left.isEmpty ? "" : " without \(left.joined(separator: " "))"
        return Finding(
            .note, .user, "\(whose) is not root but user \(user), and works in \(place.folder)\(missing)",
            shownBy: shownBy, consequence: partial, mend: root)
    }

    private static let partial =
        "it serves that user alone, cannot make CPUs exclusive as partitions, cannot protect memory against what runs "
        + "outside the user's own slice, and ends when the user's manager does"

    private static func container(_ host: Host) -> Finding? {
        guard let name = host.kernel.container else { return nil }
        return Finding(
            .note, .container, "this runs in a container (\(name))",
            consequence: "its limits are the capacity here; what other containers use cannot be seen, and programs of "
                + "other containers cannot reserve, for they are in other namespaces",
            mend: ["to share the whole host run berthd on it, outside of containers"])
    }

    private static func namespace(_ host: Host) -> Finding? {
        guard let feature = host.kernel.feature(.cgroupNamespace), feature.isPresent else { return nil }
        return Finding(
            .note, .cgroupNamespace, "the cgroup tree is a part of the host's (a cgroup namespace)",
            shownBy: feature.shownBy,
            consequence: "limits that are set above it count but cannot be seen; io.weight and partitions of CPUs "
                + "depend on what the host allows",
            mend: ["to see them, and to run one agent for all: run berth and berthd on the host itself"])
    }

    private static func systemd(_ host: Host) -> Finding? {
        guard let feature = host.kernel.feature(.systemd) else { return nil }
        guard !feature.isPresent else {
            return Finding(.ok, .systemd, "systemd is the init of this host", shownBy: feature.shownBy)
        }
        return Finding(
            .note, .systemd, "systemd is not the init of this host", shownBy: feature.shownBy,
            consequence: "the agent must be given a cgroup, and nothing starts it again after a crash",
            mend: [Mend.byHand(host)])
    }

    private static func unreadable(_ facts: DoctorFacts) -> Finding? {
        guard let first = facts.problems.first else { return nil }
        let count = facts.problems.count
        return Finding(
            .note, .unreadable,
            count == 1 ? "a file could not be read: \(first)" : "\(count) files could not be read, the first: \(first)",
            consequence: "what they tell is taken for unknown", mend: ["berth host lists them under Problems"])
    }
}
