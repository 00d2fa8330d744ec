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
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .get, ReservationArgument.path(id), within: AgentConnection.readingTime)
        Terminal.print(agent.json ? answer.pretty + "\n" : ReservationText.page(answer))
    }
}
