internal import BerthKernel
internal import BerthModel

/// The agent: whether it can be reached, what it may do, what its receipts would say.
enum AgentFindings {
    static func all(_ host: Host, _ agent: AgentFacts, _ facts: DoctorFacts) -> [Finding] {
        switch agent.contact {
        case .connected: break
        case .refused(let answer): return [unreached(host, agent.socket, answer)]
        }
        let socket = Finding(.ok, .agentSocket, "an agent listens, and you may speak to it", shownBy: agent.socket)
        return [socket, health(agent, host)]
            + [ledger(agent, host), capabilities(agent.process, host), receipts(agent.process, facts, host)].compactMap
        { $0 }
    }

    private static func unreached(_ host: Host, _ socket: String, _ error: KernelError) -> Finding {
        let nothing = "nothing can be reserved"
        if error.saysForbidden {
            return Finding(
                .problem, .agentSocket, "you may not speak to the agent: \(errorName(error.code))",
                shownBy: socket, consequence: "you can reserve nothing: the socket is for the group berth",
                mend: ["sudo usermod -aG berth \"$USER\", then log in again"])
        }
        guard error.saysNobodyListens else {
            return Finding(
                .problem, .agentSocket, "the agent cannot be reached: \(errorName(error.code))", shownBy: socket,
                consequence: nothing,
                mend: [host.kernel.has(.systemd) ? "systemctl status berthd says how it is" : Mend.restart(host)])
        }
        return Finding(
            .problem, .agentSocket, "no agent listens: \(errorName(error.code))", shownBy: socket,
            consequence: nothing,
            mend: [
                Mend.start(host, socket: socket), "or name another agent's socket: berth doctor --socket PATH",
            ])
    }

    private static func health(_ agent: AgentFacts, _ host: Host) -> Finding {
        let call = "GET /v1/health"
        switch agent.health {
        case .answered:
            let state = agent.health.text("state") ?? "?"
            let version = agent.health.text("version").map { ", version \($0)" } ?? ""
            guard state == "serving" else {
                return Finding(
                    .note, .agentHealth, "the agent is \(state)\(version)", shownBy: call,
                    consequence: "it takes no reservations now", mend: ["\(Mend.log(host)) says what it is doing"])
            }
            return Finding(.ok, .agentHealth, "the agent is serving\(version)", shownBy: call)
        case .silent(let sentence):
            return Finding(
                .problem, .agentHealth, sentence, shownBy: call, consequence: "nothing can be reserved",
                mend: ["\(Mend.log(host)) says why", "\(Mend.restart(host)); that loses no reservation"])
        case .unasked: return Finding(.note, .agentHealth, "the agent was not asked for its health", shownBy: call)
        }
    }

    private static func ledger(_ agent: AgentFacts, _ host: Host) -> Finding? {
        guard let state = agent.health.text("ledger") else { return nil }
        let isWell = state == "ok"
        return Finding(
            isWell ? .ok : .problem, .agentLedger, "the ledger is \(state)", shownBy: "GET /v1/health",
            consequence: isWell ? nil : "nothing can be reserved or given back until it can be written",
            mend: isWell ? [] : ["df -h /var/lib/berth", "\(Mend.log(host)) says what happened to it"])
    }

    private static func capabilities(_ process: AgentProcess?, _ host: Host) -> Finding? {
        guard let process, !process.tasks.isEmpty else {
            return Finding(
                .note, .agentCapabilities, "the capabilities of the agent cannot be seen from here",
                shownBy: process.map { "/proc/\($0.pid)/task" },
                consequence: "whether it runs with more power than it needs is not known", mend: ["sudo berth doctor"])
        }
        let file = "/proc/\(process.pid)/task/*/status"
        let allowed = process.user == 0 ? AgentCapabilities.kept : CapabilitySet(bits: 0)
        let over = process.tasks.map { ($0.id, $0.capabilities.subtracting(allowed)) }.filter { !$0.1.isEmpty }
        let held = process.tasks.reduce(CapabilitySet(bits: 0)) { $0.union($1.capabilities) }
        let threads = process.tasks.count == 1 ? "its one thread has" : "its \(process.tasks.count) threads have"
        guard !over.isEmpty else {
            return Finding(
                .ok, .agentCapabilities, "\(threads) no more capabilities than the agent needs: \(held)", shownBy: file)
        }
        let excess = over.reduce(CapabilitySet(bits: 0)) { $0.union($1.1) }
        let which =
            over.count == process.tasks.count
            ? "all \(over.count)" : "\(over.count) (\(over.map { "\($0.0)" }.joined(separator: " ")))"
        return Finding(
            .problem, .agentCapabilities,
            "\(which) of the agent's threads have capabilities that it does not need: \(excess)", shownBy: file,
            consequence: "a mistake in the agent would be a mistake with these powers",
            mend: [
                host.kernel.has(.systemd)
                    ? "run it by its unit, which leaves them out: sudo systemctl restart berthd"
                    : "it gives them up by itself as it starts: \(Mend.restart(host))"
            ])
    }

    private static let held: [(type: String, controller: String)] = [
        ("cpu", "cpu"), ("cpu (exclusive)", "cpuset"), ("memory", "memory"), ("pids", "pids"), ("storage", "io"),
    ]

    /// By type, what receipts would say.
    private static func receipts(_ process: AgentProcess?, _ facts: DoctorFacts, _ host: Host) -> Finding? {
        switch process?.root {
        case nil:
            return Finding(
                .note, .agentReceipts, "where the agent makes its groups cannot be seen",
                consequence: "whether it holds programs to what they reserved is not known from here",
                mend: ["berth show ID tells the receipts of a reservation"])
        case .nowhere?:
            return Finding(
                .note, .agentReceipts, "the agent was told to enforce nothing (--cgroup-root none, or --host-root)",
                shownBy: process.map { "/proc/\($0.pid)/cmdline" },
                consequence: "reservations are counted, and no program is held to what it reserved",
                mend: ["start it without: \(Mend.restart(host))"])
        case .folder(let folder)?:
            let on = facts.place.flatMap { place in place.kind == .agent ? place.delegated ?? place.controllers : nil }
            guard let on else {
                return Finding(
                    .note, .agentReceipts, "the controllers of \(folder) cannot be read",
                    shownBy: "\(folder)/cgroup.subtree_control",
                    consequence: "whether the agent holds programs to what they reserved is not known from here")
            }
            let missing = held.filter { !on.contains($0.controller) }
            let file = "\(folder)/cgroup.subtree_control"
            guard !missing.isEmpty else {
                return Finding(.ok, .agentReceipts, "receipts of every type can be enforced", shownBy: file)
            }
            return Finding(
                .problem, .agentReceipts,
                "receipts cannot be enforced of: \(missing.map(\.type).joined(separator: ", "))", shownBy: file,
                consequence: "the answer says advisory, and enforce: required is refused",
                mend: ["see the controllers above: \(missing.map(\.controller).joined(separator: " "))"])
        }
    }
}
