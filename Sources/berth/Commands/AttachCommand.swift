internal import ArgumentParser
internal import BerthJSON
internal import Glibc

/// `berth attach`: brings a process into a reservation.
struct AttachCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Run a program in a reservation that is there, or bring a process into it.",
        usage:
            "berth attach [<options>] <id> -- <program> [<arguments> ...]\nberth attach [<options>] <id> --pid <pid>",
        discussion: """
            With a program, becomes it as berth run does, in the reservation. With --pid, brings a process of yours in; \
            the children that it has already stay where they are. With --json the reservation is printed: beside a program \
            on standard error, before it begins.

            EXAMPLES
              berth attach "$id" -- ./worker
              berth attach --pid $$ "$id"    this shell, and all that it will start

            EXIT STATUS
              the program's own, and 125, 126, 127 as in berth run;
              with --pid 0 done, 125 refused
            """)

    @Option(help: ArgumentHelp("Attach this process.", valueName: "pid"))
    var pid: Int32?

    @OptionGroup var agent: AgentOptions

    @Flag(help: "Set OMP_NUM_THREADS and GOMAXPROCS to the CPUs, where they are not set.")
    var setEnv = false

    @Flag(name: [.short, .long], help: "Say nothing.")
    var quiet = false

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("The program and its arguments.", valueName: "program"))
    var program: [String] = []

    func run() throws {
        if Launch.asksForHelp(program) { throw CleanExit.helpRequest(self) }
        do throws(CommandFailure) {
            if let pid = try processNumber() { try attach(pid) } else { try launch() }
        } catch {
            throw error.beforeLaunch
        }
    }

    /// The process that `--pid` names, also behind the id, where the parser takes it for the program.
    private func processNumber() throws(CommandFailure) -> Int32? {
        if let pid {
            guard program.isEmpty else {
                throw CommandFailure("--pid and a program exclude each other", status: 2)
            }
            return pid
        }
        guard program.count == 2, program[0] == "--pid" else { return nil }
        guard let pid = Int32(program[1]) else {
            throw CommandFailure("--pid \(program[1].printable) is no process number", status: 2)
        }
        return pid
    }

    private func attach(_ pid: Int32) throws(CommandFailure) {
        let answer = try AgentConnection(agent.socket).call(
            .post, ReservationArgument.path(id) + "/attach", ["pid": JSONValue(Int64(pid))])
        if agent.json { Terminal.print(answer.pretty + "\n") }
    }

    private func launch() throws(CommandFailure) {
        let launch = try Launch(program)
        let reservation = try AgentConnection(agent.socket).call(.post, ReservationArgument.path(id) + "/attach", [:])
        if agent.json { Terminal.print(reservation.description + "\n", to: STDERR_FILENO) }
        try launch.prepare(in: reservation, threads: setEnv, isQuiet: quiet)
        throw launch.become()
    }
}
