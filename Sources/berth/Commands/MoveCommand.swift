internal import ArgumentParser
internal import BerthJSON

/// `berth move`: a reservation into another pool.
struct MoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Put a reservation into another pool.",
        discussion: """
            What runs in it goes on. Refused where the other pool has no room for it.

            EXAMPLES
              berth move "$id" ci
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String
    @Argument(help: ArgumentHelp("The pool.", valueName: "pool")) var pool: String

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .patch, ReservationArgument.path(id), ["pool": .string(pool)],
            as: CommandSpeech(arguments: ["pool"], instead: "resize it to less, or move it when others have ended"))
        Terminal.print(agent.json ? answer.pretty + "\n" : ReservationText.page(answer))
    }
}
