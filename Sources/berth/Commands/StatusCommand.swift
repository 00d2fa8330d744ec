internal import ArgumentParser
internal import BerthJSON

/// `berth status`: the agent, and what of the host is free.
struct StatusCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the agent's health, and what of the host is held and free.",
        discussion: """
            Under "reserved" stands what the configuration keeps for the system, under "held" what reservations hold, and \
            behind the units the maintenance that is on, or the next: what is under maintenance is not free.

            EXAMPLES
              berth status
              berth status --units      core by core, GPU by GPU
              berth status --json | jq '.resources[] | {type, free}'
            """)

    @Flag(help: "Show every unit: cores, disks, interfaces, GPUs.")
    var units = false

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let connection = try AgentConnection(agent.socket)
        let health = try connection.call(.get, "/v1/health", within: AgentConnection.readingTime)
        let resources = try connection.call(.get, "/v1/resources", within: AgentConnection.readingTime)
        if agent.json {
            let document: JSONValue = ["health": health, "resources": resources["resources"] ?? []]
            Terminal.print(document.pretty + "\n")
        } else {
            let reports = resources["resources"]?.elements ?? []
            Terminal.print(StatusText.agent(health, at: connection.path) + StatusText.resources(reports))
            if units { Terminal.print("\n" + StatusText.units(reports)) }
        }
    }
}
