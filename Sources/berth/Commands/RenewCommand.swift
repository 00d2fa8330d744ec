internal import ArgumentParser
internal import BerthJSON

/// `berth renew`: a new lease.
struct RenewCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Set the lease of a reservation anew, counted from now.",
        discussion: """
            Prints when it is over.

            EXAMPLE
              berth renew "$id" --lease 10m
            """)

    @Option(help: ArgumentHelp("How long it holds from now: 90, 10m, 1h30m.", valueName: "duration"))
    var lease: String

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .post, ReservationArgument.path(id) + "/renew", ["lease": .string(lease)],
            as: CommandSpeech(instead: "a shorter --lease"))
        let until = answer["expires_at"]?.text.map { ReservationText.time($0) } ?? ""
        Terminal.print(agent.json ? answer.pretty + "\n" : "\(until)\n")
    }
}
