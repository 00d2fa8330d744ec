internal import ArgumentParser
internal import BerthJSON
internal import BerthModel

/// `berth maintenance`: the times in which nothing is granted.
struct MaintenanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Show and change the times in which resources are granted to nobody.",
        discussion: """
            What a window covers is granted to nobody while it is on, nor before it to what would still hold it then. \
            What runs when it begins goes on.

            EXAMPLES
              berth maintenance list
              berth maintenance add firmware --start 2026-12-01T02:00:00Z --for 4h --gpu 0000:65:00.0
              berth maintenance add backup --start 2026-12-06T01:00:00Z --for 2h --weekly --type storage
              berth maintenance remove firmware
            """,
        subcommands: [MaintenanceListCommand.self, MaintenanceAddCommand.self, MaintenanceRemoveCommand.self],
        defaultSubcommand: MaintenanceListCommand.self)
}

/// `berth maintenance list`
struct MaintenanceListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the windows that are on or to come.",
        discussion: """
            EXAMPLES
              berth maintenance list --json
            """)

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(
            .get, "/v1/maintenance", within: AgentConnection.readingTime)
        if agent.json {
            Terminal.print(answer.pretty + "\n")
            return
        }
        let windows = answer["maintenance"]?.elements ?? []
        guard !windows.isEmpty else { return Terminal.note("no maintenance") }
        var table = Table(["ID", "NEXT", "UNTIL", "REPEAT", "COVERS", "REASON"], right: [])
        for window in windows {
            let next = window["next"]
            table.add([
                window["id"]?.text ?? "?",
                window["on"] == true ? "now" : next?["start"]?.text.map(ReservationText.time) ?? "-",
                next?["end"]?.text.map(ReservationText.time) ?? "-", window["repeat"]?.text ?? "-",
                MaintenanceText.covers(window), window["reason"]?.text ?? "-",
            ])
        }
        Terminal.print(table.text)
    }
}

/// `berth maintenance add`
struct MaintenanceAddCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Put a window into the calendar; for administrators.",
        discussion: """
            EXAMPLES
              berth maintenance add firmware --start 2026-12-01T02:00:00Z --for 4h --gpu 0000:65:00.0
              berth maintenance add backup --start 2026-12-06T01:00:00Z --for 2h --weekly --type storage
            """)

    @Argument(help: ArgumentHelp("What to call it.", valueName: "id"))
    var id: String

    @Option(
        help: ArgumentHelp(
            "When it begins: 2026-12-01T02:00:00Z, +2h or now, as it does unless given.", valueName: "time"))
    var start = "now"

    @Option(name: .customLong("for"), help: ArgumentHelp("How long it lasts: 90, 10m, 4h.", valueName: "duration"))
    var duration: String

    @Flag(help: "It comes again every seven days.")
    var weekly = false

    @Option(
        name: .customLong("type"),
        help: ArgumentHelp("A type that it covers, whole. May be given again; all unless given.", valueName: "type"))
    var types: [String] = []

    @Option(
        help: ArgumentHelp("A GPU that it covers, as berth host names it. May be given again.", valueName: "unit"))
    var gpu: [String] = []

    @Option(
        help: ArgumentHelp(
            "Any other unit that it covers, as berth status --units names it. May be given again.",
            valueName: "type=unit"))
    var unit: [String] = []

    @Option(help: ArgumentHelp("What it is for.", valueName: "words"))
    var reason: String?

    @OptionGroup var agent: AgentOptions

    func run() throws {
        var resources = JSONObject()
        for type in types { resources[type] = "all" }
        var units: [(String, String)] = gpu.map { ("gpu", $0) }
        for text in unit {
            units.append(
                try Assignment.split(text, "--unit", atLast: false, expected: "a type and a unit: network=eth0"))
        }
        for (type, unit) in units where resources[type] != "all" {
            resources[type] = .array((resources[type]?.elements ?? []) + [.string(unit)])
        }
        let time = try StartOption(start).time ?? StartOption.now.description
        var body: JSONObject = ["id": .string(id), "start": .string(time), "duration": .string(duration)]
        if weekly { body["repeat"] = "weekly" }
        if !resources.isEmpty { body["resources"] = .object(resources) }
        body["reason"] = reason.map { .string($0) }
        let answer = try AgentConnection(agent.socket).call(
            .post, "/v1/maintenance", .object(body), as: CommandSpeech(arguments: ["id"], options: options))
        for line in MaintenanceText.conflicts(answer, now: StartOption.now.description) { Terminal.note(line) }
        if agent.json { Terminal.print(answer.pretty + "\n") }
    }

    /// What says which member of the body.
    private var options: [String: String] {
        var options = [
            "/start": "--start", "/end": "--for", "/duration": "--for", "/repeat": "--weekly", "/reason": "--reason",
            "/resources": "--unit", "/resources/gpu": "--gpu",
        ]
        let others = unit.compactMap { $0.split(separator: "=").first.map(String.init) }.filter { $0 != "gpu" }
        for (option, types) in [("--unit", others), ("--type", types)] {
            for type in types { options[JSONPointer(["resources", type]).description] = "\(option) \(type)" }
        }
        return options
    }
}

/// `berth maintenance remove`
struct MaintenanceRemoveCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take a window out again that was put in; for administrators.",
        discussion: """
            EXAMPLES
              berth maintenance remove firmware
            """)

    @Argument(help: ArgumentHelp("Its name.", valueName: "id"))
    var id: String

    @OptionGroup var agent: AgentOptions

    func run() throws {
        guard id.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !"/?#%".utf8.contains($0) }), !id.isEmpty else {
            throw CommandFailure("\(id.printable) is no name of a window", hint: "berth maintenance list shows them")
        }
        let answer = try AgentConnection(agent.socket).call(.delete, "/v1/maintenance/\(id)")
        if agent.json { Terminal.print(answer.pretty + "\n") }
    }
}
