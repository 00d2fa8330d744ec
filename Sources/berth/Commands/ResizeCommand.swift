internal import ArgumentParser
internal import BerthJSON

/// `berth resize`: another amount of what a reservation holds.
struct ResizeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize",
        abstract: "Change what a reservation holds.",
        discussion: """
            What is not named stays as it is. All of the change is made, or none of it.

            EXAMPLES
              berth resize "$id" --memory 8GiB
              berth resize "$id" --cpu 2 --limit-cpu 4
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .patch, ReservationArgument.path(id), ["resources": try resources.json()],
            as: CommandSpeech(instead: "ask for less, or give it a shorter lease first: berth renew --lease"))
        Terminal.print(agent.json ? answer.pretty + "\n" : ReservationText.page(answer))
    }
}
