internal import ArgumentParser
internal import BerthJSON

/// `berth show`: one reservation.
struct ShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one reservation, live or ended.",
        discussion: """
            What it holds, what the kernel holds of that and why not all of it, its processes and its use.

            EXAMPLES
              berth show "$id"
              berth show "$BERTH_RESERVATION"      from inside a program that berth runs
              berth show "$id" --wait 10m          when its turn has come, or after ten minutes
            """)

    @Option(
        help: ArgumentHelp(
            "While it waits for its turn, wait with it so long at the most, up to 1h.", valueName: "duration"))
    var wait: String?

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    func run() throws {
        let query = wait.map { "?wait=\($0.percentEncoded)" } ?? ""
        let answer = try AgentConnection(agent.socket).call(
            .get, ReservationArgument.path(id) + query, within: wait == nil ? AgentConnection.readingTime : nil)
        Terminal.print(agent.json ? answer.pretty + "\n" : ReservationText.page(answer))
    }
}
