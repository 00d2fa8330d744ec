internal import ArgumentParser
internal import BerthJSON

/// What a request for a reservation says beside its resources.
struct RequestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("It ends after this time unless renewed: 90, 10m, 1h30m.", valueName: "duration"))
    var lease: String?

    @Option(help: ArgumentHelp("What to call it.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("A note of your own. May be given again.", valueName: "key=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("Wait so long in the queue for what is not free now.", valueName: "duration"))
    var wait: String?

    @Option(
        help: ArgumentHelp(
            "The higher the sooner among those who wait, -1000 to 1000. A minute of waiting is worth one step.",
            valueName: "number"))
    var priority: Int?

    @Flag(help: "Refuse where this host cannot enforce all of it.")
    var enforce = false

    @Option(
        help: ArgumentHelp(
            """
            How its units are chosen: optimized (near together and out of others' way, the default), balanced (spread \
            out) or greedy (the first that fit).
            """, valueName: "word"))
    var strategy: String?

    /// The body of a request.
    func body(
        _ resources: ResourceOptions, defaultName: String? = nil, members: JSONObject = [:]
    ) throws(CommandFailure) -> JSONValue {
        var object = JSONObject()
        object["name"] = (name ?? defaultName).map { .string($0) }
        object["resources"] = try resources.json()
        object["lease"] = lease.map { .string($0) }
        object["wait"] = wait.map { .string($0) }
        object["priority"] = priority.map { JSONValue($0) }
        object["strategy"] = strategy.map { .string($0) }
        if enforce { object["enforce"] = "required" }
        var labels = JSONObject()
        for text in label {
            let (key, value) = try Assignment.split(
                text, "--label", atLast: false, expected: "a key and a value: team=a")
            labels[key] = .string(value)
        }
        if !labels.isEmpty { object["labels"] = .object(labels) }
        for (member, value) in members { object[member] = value }
        return .object(object)
    }
}
