internal import ArgumentParser
internal import BerthJSON

/// `berth resize`: another amount of what a reservation holds.
struct ResizeCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "resize",
        abstract: "Change what a reservation holds.",
        discussion: """
            What is not named stays as it is. All of the change is made, or none of it. What was granted less than it asked \
            for (berth list: partial) gets as much as there is now, also where nothing is named.

            EXAMPLES
              berth resize "$id" --memory 8GiB
              berth resize "$id" --cpu 2 --limit-cpu 4
              berth resize "$id" --memory 1GiB --force     also where more than that is in use
              berth resize "$id"                           what was missing, as far as it is there now
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @Flag(help: "Also below what is in use: the kernel may end processes for it.")
    var force = false

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservation.", valueName: "id"), completion: ReservationArgument.completion)
    var id: String

    func run() throws {
        var body: JSONObject = ["resources": try resources.json(isRequired: false)]
        if force { body["force"] = true }
        let answer = try AgentConnection(agent.socket).call(
            .patch, ReservationArgument.path(id), .object(body),
            as: CommandSpeech(instead: "ask for less, or give it a shorter lease first: berth renew --lease"))
        Terminal.print(agent.json ? answer.pretty + "\n" : ReservationText.page(answer))
    }
}
