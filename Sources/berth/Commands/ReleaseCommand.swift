internal import ArgumentParser
internal import BerthJSON

/// `berth release`: gives reservations back.
struct ReleaseCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Give reservations back.",
        discussion: """
            The processes in it get SIGTERM, and after the grace period SIGKILL. Waits until they are gone. To release \
            what is released already is no error.

            EXAMPLES
              berth release "$id"
              berth release --grace 1m "$id"
              berth list --ids | xargs berth release
            """)

    @Option(
        help: ArgumentHelp(
            "How long processes may take to end after SIGTERM, up to 1h; default 10s.", valueName: "duration"))
    var grace: String?

    @OptionGroup var agent: AgentOptions

    @Argument(help: ArgumentHelp("The reservations.", valueName: "id"), completion: ReservationArgument.completion)
    var ids: [String]

    func run() throws {
        let connection = try AgentConnection(agent.socket)
        let query = grace.map { "?grace=\($0.percentEncoded)" } ?? ""
        var last: CommandFailure?
        // What can be released is, whatever the others answer.
        for id in ids {
            do throws(CommandFailure) {
                let answer = try connection.call(.delete, ReservationArgument.path(id) + query)
                if agent.json { Terminal.print(answer.pretty + "\n") }
            } catch {
                guard error.code != nil, ids.count > 1 else { throw error }
                Terminal.note("\(id.printable): \(error.description)")
                last = error
            }
        }
        if last != nil { throw CommandFailure("not everything was released") }
    }
}
