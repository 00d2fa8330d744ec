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

            With --set a pool that is there stays as it is in all that is not said. A type's amount of none takes away what \
            is said of it, --users none or --groups none who may use it, and --parent / takes the pool out of another. A \
            pool that goes with its last reservation stays when it is set again.

            EXAMPLES
              berth pools
              berth pools --set ci --kind elastic --guaranteed cpu=4,memory=8GiB
              berth pools --set ci --max memory=16GiB,cpu=none --users ann
              berth pools --set ci --policy fair
              berth pools --set ci --policy '{"kind": "fair", "half_life": "1d",
                "quotas": [{"each": "user", "hard": {"resources": {"cpu": 8}}}]}'
              berth pools --remove ci --drain      when its last reservation has ended
              berth move "$id" ci
            """)

    @Option(help: ArgumentHelp("Make this pool, or change what the options say of it.", valueName: "name"))
    var set: String?
    @Option(help: ArgumentHelp("Remove this pool.", valueName: "name")) var remove: String?
    @Flag(help: "With --remove: let it take nobody any more, and go with the last.") var drain = false
    @Option(help: ArgumentHelp("static, dynamic (the default) or elastic.", valueName: "word")) var kind: String?
    @Option(help: ArgumentHelp("The pool that it is within; / is none.", valueName: "name")) var parent: String?
    @Option(help: ArgumentHelp("What is kept for it: cpu=4,memory=8GiB.", valueName: "type=n,…"))
    var guaranteed: String?
    @Option(help: ArgumentHelp("The most it may hold: cpu=8; cpu=none is no bound.", valueName: "type=n,…"))
    var max: String?
    @Option(help: ArgumentHelp("Next to the pools beside it, 1 to 10000.", valueName: "number")) var weight: Int?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether the kernel holds all of it together to its most too; default: it does.")
    var ceiling: Bool?
    @Option(
        name: .customLong("give-back"),
        help: ArgumentHelp("How an elastic pool gets back what it has lent: end or preempt.", valueName: "word"))
    var giveBack: String?
    @Option(
        help: ArgumentHelp(
            "How units are chosen for requests that do not say it: greedy, balanced, optimized or priority; none: as for the pool "
                + "around it.", valueName: "word"))
    var strategy: String?
    @Option(
        help: ArgumentHelp(
            "Who goes first of those who wait in it: priority, fair or weighted, or all of it as JSON; none: as for the pool "
                + "around it. Of the pool default it is that of the host.", valueName: "policy"))
    var policy: String?
    @Option(
        help: ArgumentHelp(
            "Names or numbers of the users that may use it and what is within it. No users and no groups named: all may.",
            valueName: "uid,…"))
    var users: String?
    @Option(help: ArgumentHelp("The names or numbers of the groups whose users may use it.", valueName: "gid,…"))
    var groups: String?

    @OptionGroup var agent: AgentOptions

    func validate() throws {
        guard set == nil || remove == nil else { throw ValidationError("--set and --remove exclude each other") }
        guard !drain || remove != nil else { throw ValidationError("--drain is for --remove") }
        let settings: [(option: String, isSaid: Bool)] = [
            ("--kind", kind != nil), ("--parent", parent != nil), ("--guaranteed", guaranteed != nil),
            ("--max", max != nil), ("--weight", weight != nil), ("--ceiling", ceiling == true),
            ("--no-ceiling", ceiling == false), ("--give-back", giveBack != nil),
            ("--strategy", strategy != nil), ("--policy", policy != nil), ("--users", users != nil),
            ("--groups", groups != nil),
        ]
        if set == nil, let (option, _) = settings.first(where: \.isSaid) {
            throw ValidationError("\(option) is for --set")
        }
    }

    func run() throws {
        let settings = try settings()
        let connection = try AgentConnection(agent.socket)
        let answer: JSONValue
        if let remove {
            let path = PoolsCommand.path(remove) + (drain ? "?drain=true" : "")
            answer = ["pools": [try connection.call(.delete, path)]]
        } else if let set {
            answer = ["pools": [try change(set, as: settings, on: connection)]]
        } else {
            answer = try connection.call(.get, "/v1/pools", within: AgentConnection.readingTime)
        }
        Terminal.print(agent.json ? answer.pretty + "\n" : PoolText.table(answer["pools"]?.elements ?? []))
    }

    /// The path of a pool's document.
    private static func path(_ name: String) -> String { "/v1/pools/\(name.percentEncoded)" }

    /// The agent takes a pool to be what is said, and nothing else: what is to stay must be said as well.
    private func change(
        _ name: String, as settings: PoolSettings, on connection: borrowing AgentConnection
    ) throws(CommandFailure) -> JSONValue {
        let path = PoolsCommand.path(name)
        var pool: JSONValue?
        do throws(CommandFailure) {
            pool = try connection.call(.get, path, within: AgentConnection.readingTime)
        } catch {
            // What is no name of a pool is unknown too, and refused as such below.
            guard error.code == "unknown" else { throw error }
        }
        return try connection.call(.put, path, settings.body(over: pool))
    }

    private func settings() throws(CommandFailure) -> PoolSettings {
        var settings = PoolSettings()
        settings.set("kind", kind.map { .string($0) })
        settings.set("parent", parent.map { .string($0) })
        try settings.set("guaranteed", amounts: guaranteed)
        try settings.set("max", amounts: max)
        settings.set("weight", weight.map { JSONValue($0) })
        settings.set("ceiling", ceiling.map { .bool($0) })
        settings.set("give_back", giveBack.map { .string($0) })
        settings.set("strategy", strategy.map { .string($0) })
        try settings.set(policy: policy)
        try settings.set("users", accounts: users)
        try settings.set("groups", accounts: groups)
        return settings
    }
}
