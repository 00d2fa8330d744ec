internal import ArgumentParser
internal import BerthJSON
internal import Glibc

/// The command line of Berth.
@main
struct Berth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Reserve a part of this host for a program, and see what the host has.",
        discussion: """
            Berth is the resource agent of a Linux worker host. The daemon berthd finds out what the machine really has \
            and lets local programs reserve a part of it; this command line speaks to it over its Unix socket.

            EXAMPLES
              berth run --cpu 2 --memory 4GiB -- make   run a program in a part of its own
              id=$(berth reserve --cpu 4 --lease 1h)    reserve now, run later
              berth attach "$id" -- ./worker            run a program in it
              berth status                              what the host has, and what is free
              berth list                                who holds what
              berth accounts                            who goes first, and who has had how much
              berth pools                               the named shares of the host
              berth doctor                              what this host cannot hold, and what mends it

            ENVIRONMENT
              BERTH_SOCKET   the agent's socket; without it \(AgentSocket.packaged)
              BERTH_PLUGINS  the folder that plugins are installed in; without it /usr/lib/berth/plugins
              NO_COLOR       no colours, on a terminal neither

            EXIT STATUS
              0 done, 1 refused or failed, 2 the command line makes no sense; berth run and
              berth attach exit as the program does, see their help
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, ReserveCommand.self, AttachCommand.self, ReleaseCommand.self, ListCommand.self,
            ShowCommand.self, ResizeCommand.self, RenewCommand.self, HostCommand.self, StatusCommand.self,
            AccountsCommand.self, PoolsCommand.self, MoveCommand.self, BarrierCommand.self, MaintenanceCommand.self,
            ExplainCommand.self, EventsCommand.self, DoctorCommand.self, SimulateCommand.self,
            PluginCommand.self,
        ])

    /// What stands before the parser's own complaints, as before all others.
    static var _errorPrefix: String { "berth: " }

    /// `berth run` parsed by itself, for the parser makes ready all commands that it knows, and this one stands before
    /// every workload. Nil where it is another command or is not right: what is said then is the whole parser's.
    private static func runCommand() -> (any ParsableCommand)? {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, arguments[1] == RunCommand.configuration.commandName else { return nil }
        do { return try RunCommand.parse(Array(arguments.dropFirst(2))) } catch { return nil }
    }

    /// Parses, runs, and ends with the statuses that the help names.
    static func main() {
        var asked: (any ParsableCommand)?
        do {
            var command = try runCommand() ?? parseAsRoot()
            asked = command
            try command.run()
        } catch let failure as CommandFailure {
            if let command = asked as? any AgentCommand, command.agent.json, let document = failure.document {
                Terminal.print(document.pretty + "\n")
            }
            Terminal.note(failure.description)
            Glibc.exit(failure.status)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Terminal.print(fullMessage(for: error) + "\n", to: STDERR_FILENO)
            let isLaunch = CommandLine.arguments.count > 1 && ["run", "attach"].contains(CommandLine.arguments[1])
            Glibc.exit(isLaunch ? Launch.failed : 2)
        }
    }
}
