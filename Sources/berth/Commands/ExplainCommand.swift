internal import ArgumentParser
internal import BerthJSON

/// `berth explain`: what a request would be answered.
struct ExplainCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what berth reserve would be answered, without reserving.",
        discussion: """
            EXAMPLE
              berth explain --exclusive-cpu 8 --memory 64GiB && echo fits
              berth explain --gpu 2..8 --or cpu=64          which of the two, how much, and why not more

            EXIT STATUS
              0 it would be granted, 1 it would not
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var agent: AgentOptions

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .post, "/v1/explain", try request.body(resources), within: AgentConnection.readingTime)
        let isGranted = answer["granted"] == true
        if agent.json {
            Terminal.print(answer.pretty + "\n")
            if !isGranted { throw ExitCode.failure }
        } else if isGranted {
            Terminal.print(ExplanationText.granted(answer))
        } else {
            let failure = AgentProblem(answer["problem"] ?? [:], status: 200).failure
            let what = answer["waits"] == true ? "it would wait" : "it would not be granted"
            throw CommandFailure("\(what): \(failure.message)", hint: answer["waits"] == true ? nil : failure.hint)
        }
    }
}
