internal import ArgumentParser
internal import BerthJSON
internal import Glibc

/// `berth barrier`: points at which programs wait for each other.
struct BarrierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "barrier",
        abstract: "Wait for other programs at a point that all must reach.",
        discussion: """
            A gang has a barrier of its own name, at which all of it arrive that have not ended. Those who wait there lend \
            their CPU time to the others of the gang, and have it back when the last one arrives. Any other barrier is for \
            so many as the first to arrive says with --size. It can be used again and again.

            EXAMPLES
              berth run --gang train:4 --wait 10m --cpu 2 -- sh -c './step 1; berth barrier arrive train; ./step 2'
              berth barrier show train
            """,
        subcommands: [BarrierArriveCommand.self, BarrierShowCommand.self])

    /// The path of a barrier's document.
    static func path(_ name: String) -> String { "/v1/barriers/\(name.percentEncoded)" }
}

/// `berth barrier arrive`: arrives, and waits for the others.
struct BarrierArriveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "arrive", abstract: "Arrive at a barrier, and wait until all have.",
        discussion: """
            EXAMPLES
              berth barrier arrive train                       in a program that berth runs with --gang train:4
              berth barrier arrive step --size 3 --wait 10m    of three reservations of yours, whichever they are
              berth barrier arrive step --generation 2         a retry that never arrives a third time
            """)

    @Option(
        help: ArgumentHelp(
            "The reservation that arrives. Default: $BERTH_RESERVATION, as berth run sets it.", valueName: "id"))
    var reservation: String?

    @Option(help: ArgumentHelp("How many arrive, where it is no gang's and nobody has said so.", valueName: "number"))
    var size: Int?

    @Option(
        help: ArgumentHelp(
            "The how manieth time of the barrier is meant, from 1 on, so that a retry does not arrive again.",
            valueName: "number"))
    var generation: Int?

    @Option(
        help: ArgumentHelp(
            "Wait so long at the most, up to 1h, and fail then; it has arrived all the same. Default: until all have.",
            valueName: "duration"))
    var wait: String?

    @OptionGroup var agent: AgentOptions

    @Argument(help: "The barrier; a gang's has the name of the gang.")
    var name: String

    func run() throws {
        guard let reservation = reservation ?? getenv("BERTH_RESERVATION").map({ String(cString: $0) }) else {
            throw CommandFailure(
                "nobody says which reservation arrives", hint: "say --reservation ID, or run inside of berth run",
                status: 2)
        }
        var body: JSONObject = ["reservation": .string(reservation)]
        body["size"] = size.map { JSONValue($0) }
        body["generation"] = generation.map { JSONValue($0) }
        let query = wait.map { "?wait=\($0.percentEncoded)" } ?? ""
        let answer = try AgentConnection(agent.socket).call(
            .post, BarrierCommand.path(name) + "/arrive" + query, .object(body))
        if agent.json { Terminal.print(answer.pretty + "\n") }
        guard answer["open"] != true else { return }
        let (arrived, size) = (answer["arrived"]?.elements.count ?? 0, answer["size"]?.integer ?? 0)
        throw CommandFailure(
            "the barrier \(name.printable) did not open in time: \(arrived) of \(size) have arrived",
            hint: "berth barrier arrive again goes on waiting")
    }
}

/// `berth barrier show`: who has arrived.
struct BarrierShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show who has arrived at a barrier.",
        discussion: """
            EXAMPLES
              berth barrier show train
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: "The barrier.")
    var name: String

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .get, BarrierCommand.path(name), within: AgentConnection.readingTime)
        guard !agent.json else { return Terminal.print(answer.pretty + "\n") }
        var lines = Lines()
        lines.add("Barrier", answer["id"]?.text, answer["gang"] == true ? "of a gang" : nil)
        lines.add("Generation", answer["generation"]?.integer.map(String.init))
        let arrived = answer["arrived"]?.elements ?? []
        lines.add("Arrived", "\(arrived.count) of \(answer["size"]?.integer ?? 0)")
        for reservation in arrived { lines.add("", reservation.text) }
        Terminal.print(lines.text)
    }
}
