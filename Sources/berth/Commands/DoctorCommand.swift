internal import ArgumentParser
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// `berth doctor`: what of Berth's promises this host can keep, and what mends the rest. Needs no agent.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what keeps this host from holding programs to what they reserved.",
        discussion: """
            Reads /proc, /sys and the cgroup tree, knocks at the agent's socket, and changes nothing. Each finding says \
            what was found and what shows it, what follows from it, and the command that mends it. A problem is a limit \
            that cannot be held, or that nothing can be reserved; a note is something to know.

            Run it by sudo too: root sees more of the agent.

            EXAMPLES
              berth doctor
              berth doctor --all                   what is in order too
              berth doctor --json | jq '.findings[] | select(.level == "problem")'
              berth doctor --root recorded/        look at a recorded host, without an agent

            EXIT STATUS
              0 nothing is a problem, 1 something is
            """)

    @Flag(help: "Show what is in order too.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "Look at a recorded host: a folder with proc and sys in it. The agent is left out.", valueName: "dir"))
    var root: String?

    @Flag(help: "Print the findings as a document, schema berth.doctor/1.")
    var json = false

    @OptionGroup var reach: SocketOptions

    func run() throws {
        let root = try HostCommand.root(self.root)
        let host = Host.discover(root)
        let agent = root.isLive ? AgentVisit.facts(reach.socket, root, mount: host.kernel.cgroupMount) : nil
        let facts = DoctorFacts.discover(root, host, agent: agent)
        let diagnosis = Diagnosis(host, facts, agent: agent)
        Terminal.print(json ? diagnosis.json.pretty + "\n" : DoctorText.page(diagnosis, showsAll: all))
        if !diagnosis.isHealthy { throw ExitCode.failure }
    }
}
