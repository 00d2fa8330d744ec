internal import ArgumentParser
internal import BerthJSON

/// `berth explain`: what a request would be answered.
struct ExplainCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what berth reserve would be answered, why, and what would make it fit; nothing is reserved.",
        discussion: """
            EXAMPLE
              berth explain --exclusive-cpu 8 --memory 64GiB && echo fits
              berth explain --gpu 2..8 --or cpu=64          which of the two, how much, and why not more
              berth explain --memory 96GiB --lease 2h       as much as fits, when it would fit, how short a lease would

            Each line of what would make it fit ends in what to type instead. The smallest change comes first. Whether the
            kernel holds all of it, as --enforce has it, shows only when it is granted: explain does not look at that.

            EXIT STATUS
              0 it would be granted, 1 it would not
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var agent: AgentOptions

    func run() throws {
        let asked = try request.body(resources)
        let answer = try AgentConnection(agent.socket).call(
            .post, "/v1/explain", asked, within: AgentConnection.readingTime)
        let isGranted = answer["granted"] == true
        if agent.json {
            Terminal.print(answer.pretty + "\n")
            if !isGranted { throw ExitCode.failure }
        } else if isGranted {
            Terminal.print(ExplanationText.granted(answer))
        } else {
            throw ExplanationText.refused(answer, to: asked)
        }
    }
}
