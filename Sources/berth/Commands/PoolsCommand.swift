internal import ArgumentParser
internal import BerthJSON

/// `berth pools`: the named shares of the host.
struct PoolsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "pools",
        abstract: "Show the pools of the host, and what each holds.",
        discussion: """
            A pool is a named share of the host: static (a fixed share), dynamic (what it is guaranteed is kept for it) or \
            elastic (pools lend each other what they do not use). FREE is what it may take now. An admin makes and removes \
            pools; those of the configuration are changed there.

            EXAMPLES
              berth pools
              berth pools --set ci --kind elastic --guaranteed cpu=4,memory=8GiB --max cpu=8
              berth pools --remove ci --drain      when its last reservation has ended
              berth move "$id" ci
            """)

    @Option(help: ArgumentHelp("Make this pool, or take it to be as the options say.", valueName: "name"))
    var set: String?
    @Option(help: ArgumentHelp("Remove this pool.", valueName: "name")) var remove: String?
    @Flag(help: "With --remove: let it take nobody any more, and go with the last.") var drain = false
    @Option(help: ArgumentHelp("static, dynamic (the default) or elastic.", valueName: "word")) var kind: String?
    @Option(help: ArgumentHelp("The pool that it is within.", valueName: "name")) var parent: String?
    @Option(help: ArgumentHelp("What is kept for it: cpu=4,memory=8GiB.", valueName: "type=n,…"))
    var guaranteed: String?
    @Option(help: ArgumentHelp("The most it may hold.", valueName: "type=n,…")) var max: String?
    @Option(help: ArgumentHelp("Next to the pools beside it, 1 to 10000.", valueName: "number")) var weight: Int?
    @Option(
        name: .customLong("give-back"),
        help: ArgumentHelp("How an elastic pool gets back what it has lent: end or preempt.", valueName: "word"))
    var giveBack: String?

    @OptionGroup var agent: AgentOptions

    func run() throws {
        let connection = try AgentConnection(agent.socket)
        let answer: JSONValue
        if let remove {
            let path = "/v1/pools/\(remove)" + (drain ? "?drain=true" : "")
            answer = ["pools": [try connection.call(.delete, path)]]
        } else if let set {
            answer = ["pools": [try connection.call(.put, "/v1/pools/\(set)", try settings())]]
        } else {
            answer = try connection.call(.get, "/v1/pools", within: AgentConnection.readingTime)
        }
        Terminal.print(agent.json ? answer.pretty + "\n" : PoolText.table(answer["pools"]?.elements ?? []))
    }

    private func settings() throws(CommandFailure) -> JSONValue {
        var object: JSONObject = [:]
        object["kind"] = kind.map { .string($0) }
        object["parent"] = parent.map { .string($0) }
        for (name, text) in [("guaranteed", guaranteed), ("max", max)] {
            if let text { object[name] = .object(try AlternativeOption(text).resources) }
        }
        object["weight"] = weight.map { JSONValue($0) }
        object["give_back"] = giveBack.map { .string($0) }
        return .object(object)
    }
}
