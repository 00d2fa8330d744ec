internal import ArgumentParser

/// A command that speaks to the agent and prints what it answers.
protocol AgentCommand: ParsableCommand {
    var agent: AgentOptions { get }
}

/// How to reach the agent.
struct SocketOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The agent's socket. Default: $BERTH_SOCKET, else \(AgentSocket.packaged).", valueName: "path"),
        completion: .file())
    var socket: String?
}

/// How to reach the agent, and in which form to print its answer.
struct AgentOptions: ParsableArguments {
    @OptionGroup var reach: SocketOptions

    @Flag(help: "Print the agent's own document as JSON.")
    var json = false

    var socket: String? { reach.socket }
}

/// The name of a reservation, as commands take it.
struct ReservationArgument {
    /// Completes ids of live reservations.
    static let completion = CompletionKind.shellCommand("berth list --ids 2>/dev/null")

    /// The path of a reservation's document.
    static func path(_ id: String) -> String { "/v1/reservations/\(id.percentEncoded)" }
}
