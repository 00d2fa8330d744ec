internal import ArgumentParser
internal import BerthJSON

/// `berth plugin list`: the plugins of the agent, and where each stands.
struct PluginListCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the agent's plugins, and where each stands.",
        discussion: """
            One that is down is started again by itself, later each time; one that has failed too often stays down until \
            berth plugin reload. One that is refused is not run at all. Those that are disabled the agent does not know: \
            they are looked for in the folder, and --json has none of them.

            EXAMPLES
              berth plugin list
            """)

    @OptionGroup var agent: AgentOptions

    @OptionGroup var place: PluginFolderOptions

    func run() throws {
        let answer = try AgentConnection(agent.socket).call(.get, "/v1/plugins", within: AgentConnection.readingTime)
        if agent.json {
            Terminal.print(answer.pretty + "\n")
            return
        }
        var plugins = answer["plugins"]?.elements ?? []
        let names = Set(plugins.map { $0["name"]?.text })
        plugins += DisabledPlugins(in: place.folder).documents.filter { !names.contains($0["name"]?.text) }
        if plugins.isEmpty {
            Terminal.note("no plugin")
        } else {
            Terminal.print(PluginText.table(plugins))
        }
    }
}

/// `berth plugin show`: one plugin.
struct PluginShowCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one plugin of the agent. For administrators.",
        discussion: """
            One that is disabled the agent does not know: it is looked for in the folder.

            EXAMPLES
              sudo berth plugin show license-seats
            """)

    @OptionGroup var agent: AgentOptions

    @OptionGroup var place: PluginFolderOptions

    @Argument(help: "The plugin.")
    var name: String

    func run() throws {
        let plugin: JSONValue
        do throws(CommandFailure) {
            plugin = try AgentConnection(agent.socket).call(
                .get, PluginText.path(name), within: AgentConnection.readingTime)
        } catch {
            guard error.code == "unknown", let disabled = DisabledPlugins(in: place.folder).document(named: name) else {
                throw error
            }
            plugin = disabled
        }
        Terminal.print(agent.json ? plugin.pretty + "\n" : PluginText.page(plugin))
    }
}

/// `berth plugin logs`: what a plugin has written.
struct PluginLogsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the last lines that a plugin has written to its output. For administrators.",
        discussion: """
            Why a plugin was started again or refused stands in the journal: journalctl -u berthd.

            EXAMPLES
              sudo berth plugin logs license-seats
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: "The plugin.")
    var name: String

    func run() throws {
        let plugin = try AgentConnection(agent.socket).call(
            .get, PluginText.path(name), within: AgentConnection.readingTime)
        let log = plugin["log"] ?? []
        Terminal.print(
            agent.json
                ? log.pretty + "\n" : log.elements.map { "\(($0.text ?? "").printable)\n" }.joined())
    }
}

/// `berth plugin reload`: starts a plugin again.
struct PluginReloadCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Start a plugin of the agent again, also one that was left down. For administrators.",
        discussion: """
            What is held of it stays held, and the plugin is told of it.

            EXAMPLES
              sudo berth plugin reload license-seats
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: "The plugin.")
    var name: String

    func run() throws {
        let plugin = try AgentConnection(agent.socket).call(.post, PluginText.path(name) + "/reload")
        if agent.json { Terminal.print(plugin.pretty + "\n") }
    }
}

/// `berth plugin scale`: has a plugin bring a type to so many units.
struct PluginScaleCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Have a plugin bring one of its types to so many units, as near as it can. For administrators.",
        discussion: """
            What is held stays held. See what came of it with berth status.

            EXAMPLES
              sudo berth plugin scale license-seats license.example/seat 12
            """)

    @OptionGroup var agent: AgentOptions

    @Argument(help: "The plugin.")
    var name: String

    @Argument(help: "One of its types.")
    var type: String

    @Argument(help: "How many units.")
    var target: Int

    func run() throws {
        let body: JSONValue = ["type": .string(type), "target": JSONValue(Int64(target))]
        let plugin = try AgentConnection(agent.socket).call(
            .post, PluginText.path(name) + "/scale", body, as: CommandSpeech(arguments: ["type", "target"]))
        if agent.json { Terminal.print(plugin.pretty + "\n") }
    }
}
