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

    @Option(
        help: ArgumentHelp(
            "What will do instead, where that does not fit: cpu=4,memory=8GiB. May be given again, the best first.",
            valueName: "type=n,…"))
    var or: [String] = []

    @Option(
        help: ArgumentHelp(
            "A reservation, or its labels, on whose NUMA nodes it must lie: app=db. May be given again.",
            discussion: """
                What is bound to nodes counts: whole cores, memory with --where memory.numa, GPUs and interfaces. \
                With ",unit" it must share their GPU or interface, with ",preferred" it is granted elsewhere too: \
                app=db,preferred.
                """, valueName: "id|key=value"))
    var near: [String] = []

    @Option(help: ArgumentHelp("The same, on whose NUMA nodes it must not lie.", valueName: "id|key=value"))
    var apart: [String] = []

    @Option(help: ArgumentHelp("Wait so long in the queue for what is not free now.", valueName: "duration"))
    var wait: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Begin then, promised or refused at once: 2026-12-01T02:00:00Z or +2h, with --lease; now is as if not given.",
            valueName: "time"))
    var start: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The higher the sooner among those who wait, -1000 to 1000. Ten minutes of waiting are worth one step.",
            valueName: "number"))
    var priority: Int?

    @Option(help: ArgumentHelp("The pool that it is for; see berth pools.", valueName: "name"))
    var pool: String?

    @Option(
        help: ArgumentHelp(
            "It is one of so many requests that are granted all together or not at all, by --wait: train:4.",
            valueName: "id:n"))
    var gang: String?

    @Flag(help: "Refuse where this host cannot enforce all of it.")
    var enforce = false

    @Option(
        help: ArgumentHelp(
            """
            How its units are chosen: optimized (near together and out of others' way, the default), balanced (spread \
            out), greedy (the first that fit) or priority (as optimized, and reservations of lower priority have to go \
            where there is no room).
            """, valueName: "word"))
    var strategy: String?

    @Option(
        help: ArgumentHelp(
            "What everything it gets must have in common: numa, for one NUMA node.", valueName: "word"))
    var same: String?

    @Option(
        help: ArgumentHelp(
            "What its programs are sent so long before its lease ends, or when it is preempted: USR1@60, USR1@5m.",
            valueName: "name[@time]"))
    var signal: String?

    @Flag(help: "Queue it again, where it stood before, when it was preempted; not for run.")
    var requeue = false

    /// The body of a request.
    /// - Parameter key: the Idempotency-Key that it is sent with
    func body(
        _ resources: ResourceOptions, defaultName: String? = nil, members: JSONObject = [:], key: String? = nil
    ) throws(CommandFailure) -> JSONValue {
        var object = JSONObject()
        object["name"] = (name ?? defaultName).map { .string($0) }
        object["resources"] = try resources.json()
        var alternatives: [JSONValue] = []
        for text in or { alternatives.append(.object(try AlternativeOption(text).resources)) }
        if !alternatives.isEmpty { object["alternatives"] = .array(alternatives) }
        for (member, option, texts) in [("affinity", "--near", near), ("anti_affinity", "--apart", apart)] {
            var affinities: [JSONValue] = []
            for text in texts { affinities.append(.object(try NearOption(text, option).affinity)) }
            if !affinities.isEmpty { object[member] = .array(affinities) }
        }
        object["lease"] = lease.map { .string($0) }
        object["wait"] = wait.map { .string($0) }
        object["pool"] = pool.map { .string($0) }
        object["start"] = try promisedStart(key).map { .string($0) }
        object["priority"] = priority.map { JSONValue($0) }
        if let gang {
            object["gang"] = .object(try GangOption(gang).gang)
            guard wait != nil else {
                throw CommandFailure(
                    "--gang wants --wait as well: each of a gang waits for the others",
                    hint: "say how long: --wait 10m", status: 2)
            }
        }
        object["strategy"] = strategy.map { .string($0) }
        object["same"] = same.map { .string($0) }
        object["signal"] = signal.map(RequestOptions.signal)
        if requeue { object["requeue"] = true }
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

    /// The start that is to be promised, where it goes with the other options; nil is as soon as may be.
    private func promisedStart(_ key: String?) throws(CommandFailure) -> String? {
        guard let start else { return nil }
        let option = try StartOption(start)
        guard let time = option.time else { return nil }
        func refusal(_ message: String, _ hint: String) -> CommandFailure {
            CommandFailure(message, hint: hint, status: 2)
        }
        guard gang == nil else {
            throw refusal(
                "--start and --gang exclude each other: a gang begins when all of it have asked", "leave one out")
        }
        guard wait == nil else {
            throw refusal(
                "--start and --wait exclude each other: what has a start is promised or refused at once",
                "leave one out")
        }
        guard lease != nil else {
            throw refusal(
                "--start wants --lease as well: what begins later must say how long it holds",
                "say how long: --lease 2h")
        }
        guard key == nil || !option.isRelative else {
            throw refusal(
                "--start \(start.printable) is another time with each try, and a key is for one request",
                "say the time itself: --start \(time)")
        }
        return time
    }

    /// What an option such as `USR1@60` says; names may begin with `SIG`, as `kill` has them. The agent knows which there are.
    static func signal(_ text: String) -> JSONValue {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map { $0.uppercased() } ?? ""
        var object: JSONObject = ["name": .string(name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name)]
        if parts.count > 1 { object["before"] = .string(String(parts[1])) }
        return .object(object)
    }
}
