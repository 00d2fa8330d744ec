internal import ArgumentParser
internal import BerthJSON

/// `berth reserve`: a reservation for processes to come.
struct ReserveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "reserve",
        abstract: "Reserve a part of the host for programs to come.",
        discussion: """
            Prints the id of the reservation. With a lease it serves one program after another until the lease is over; \
            without one it ends with its last process, or when none comes within a minute.

            EXAMPLES
              id=$(berth reserve --cpu 4 --memory 8GiB --lease 1h)
              berth attach "$id" -- ./first && berth attach "$id" -- ./second
              berth release "$id"
              berth reserve --gpu 2 --lease 3h --start 2026-12-01T02:00:00Z    is promised them then
              id=$(berth reserve --cpu 8 --lease 1h --wait 2h --no-wait) && berth show "$id" --wait 1h
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @OptionGroup var request: RequestOptions

    @Option(help: ArgumentHelp("When it ends besides its release and its lease: empty or released.", valueName: "when"))
    var end: String?

    @Option(help: ArgumentHelp("Makes a retry safe: the same key never reserves twice.", valueName: "key"))
    var idempotencyKey: String?

    @Flag(help: "Print the id at once, also of one that waits: berth show --wait goes on waiting.")
    var noWait = false

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let members: JSONObject = end.map { ["end": .string($0)] } ?? [:]
        let body = try request.body(resources, members: members, key: idempotencyKey)
        let answer = try reserve(body)
        if !agent.json { for line in AmendmentText.lines(answer) { Terminal.note(line) } }
        Terminal.print(agent.json ? answer.pretty + "\n" : "\(answer["id"]?.text?.printable ?? "")\n")
    }

    private func reserve(_ body: JSONValue) throws(CommandFailure) -> JSONValue {
        var perseverance = Perseverance(body, isQuiet: false)
        while true {
            do throws(CommandFailure) {
                let connection = try AgentConnection(agent.socket)
                if body["start"] != nil || noWait { return try connection.queue(body, key: idempotencyKey) }
                // With a key it is the same request.
                let asked = idempotencyKey == nil ? perseverance.rest(of: body) : body
                return try connection.reserve(asked, key: idempotencyKey)
            } catch {
                try perseverance.bear(error)
            }
        }
    }
}
