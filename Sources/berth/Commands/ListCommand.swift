internal import ArgumentParser
internal import BerthJSON

/// `berth list`: who holds what.
struct ListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List reservations.",
        discussion: """
            Your own that are live or wait, oldest first; an admin sees everybody's.

            EXAMPLES
              berth list
              berth list --state expired
              berth list --ids      one id a line, for scripts
              berth list --json | jq '.reservations[].id'
            """)

    @Option(
        help: ArgumentHelp("Those of one state instead of the live ones.", valueName: "state"),
        completion: .list(["pending", "confirmed", "partial", "failed", "released", "expired"]))
    var state: String?

    @Flag(help: "Print ids only.")
    var ids = false

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .get, "/v1/reservations" + (state.map { "?state=\($0.percentEncoded)" } ?? ""),
            within: AgentConnection.readingTime)
        let reservations = answer["reservations"]?.elements ?? []
        if agent.json {
            Terminal.print(answer.pretty + "\n")
        } else if ids {
            Terminal.print(reservations.compactMap { $0["id"]?.text.map { "\($0.printable)\n" } }.joined())
        } else if reservations.isEmpty {
            Terminal.note("no reservation" + (state.map { " that is \($0.printable)" } ?? ""))
        } else {
            Terminal.print(ReservationText.table(reservations))
        }
    }
}
