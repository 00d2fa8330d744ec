internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// One of the configurations that are simulated.
struct SimulatedConfiguration {
    /// What decides.
    var replay: Replay.Configuration
    /// The agent's configuration that it is of; nil where options alone say it.
    var file: String?
    /// What that says of the host; nil where options alone say it.
    var capacity: CapacitySettings?

    init(_ replay: Replay.Configuration, file: String?) {
        self.replay = replay
        self.file = file
    }

    /// The longest document that is read.
    private static let longest = 1 << 20

    /// What a file says: what `berthd --check --json` prints.
    static func document(_ file: String) throws(CommandFailure) -> JSONValue {
        do {
            return try JSONValue(
                parsing: try InputFile.bytes(file, atMost: longest), limits: JSONLimits(maxBytes: longest))
        } catch let error as KernelError {
            throw CommandFailure("\(error)", hint: hint(file))
        } catch {
            throw CommandFailure("\(file): \(error)", hint: hint(file))
        }
    }

    private static func hint(_ file: String) -> String {
        "--config wants one JSON document: berthd --config \(file) --check --json prints that of a YAML file"
    }

    /// Takes up what its file says.
    /// - Parameter accounts: the users and groups that it may name
    mutating func take(_ document: JSONValue, _ accounts: TracedAccounts) throws(CommandFailure) {
        do throws(JSONFieldError) {
            try read(document, accounts)
        } catch {
            throw CommandFailure("\(file ?? ""): \(error)", hint: SimulatedConfiguration.hint(file ?? "FILE"))
        }
    }

    private mutating func read(_ document: JSONValue, _ accounts: TracedAccounts) throws(JSONFieldError) {
        var fields = try JSONFields(document)
        var capacity = CapacitySettings()
        try capacity.read(&fields)
        self.capacity = capacity
        let pools = try fields.optional("pools", .configuredPools(accounts.accountNames))
        let preemption = try fields.optional("preemption", PreemptionTerms.reader)
        // These say what the agent does beside deciding, or name accounts and times of the host itself.
        for key in ["roles", "caps", "plugins"] { _ = try fields.optional(key, .object) }
        _ = try fields.optional("maintenance", .array(of: .object))
        try fields.finish()
        replay.configured = Replay.Configured(
            pools ?? [], preemption: preemption ?? PreemptionTerms())
    }

    /// Why a trace could not be replayed with it, for a person.
    func failure(_ error: ReplayError) -> CommandFailure {
        let file = file?.printable ?? "the configuration"
        switch error {
        case .pools(let reason):
            return CommandFailure("\(file): \(reason)", hint: "take a larger --host, or smaller pools")
        case .barred(let user, let group, let pool):
            let whose = group.map { " of group \($0.printable)" } ?? ""
            return CommandFailure(
                "\(file): \(user.printable)\(whose) may not use the pool \(pool.text), and has tasks that go there",
                hint: "send them elsewhere: --pools \(user.printable)=\(PoolName.standard.text)")
        }
    }

    /// The policy of the host, by name.
    var policy: String {
        guard let configured = replay.configured else { return replay.policy.rawValue }
        let standard = configured.pools.first { $0.name == .standard }
        return switch standard?.policy?.order ?? .priority {
        case .priority: Replay.Order.priority.rawValue
        case .fair: Replay.Order.fair.rawValue
        case .weighted: Replay.Order.weighted.rawValue
        }
    }

    /// How units are chosen, by name; nil where each pool says it.
    var strategy: String? {
        (replay.strategy ?? (replay.configured == nil ? .standard : nil))?.rawValue
    }

    /// It in short, as an image is headed.
    /// - Parameter first: the one that it stands beside, or itself
    func title(beside first: SimulatedConfiguration) -> String {
        words(beside: first).map(\.text).joined(separator: ", ")
    }

    /// It in short, as a column is headed: a file's name stays as it is.
    func heading(beside first: SimulatedConfiguration) -> String {
        words(beside: first).map { $0.isName ? $0.text : $0.text.uppercased() }.joined(separator: ", ")
    }

    private func words(beside first: SimulatedConfiguration) -> [(text: String, isName: Bool)] {
        let lists = [
            ("priorities", replay.priorities != first.replay.priorities),
            ("weights", replay.weights != first.replay.weights), ("quota", replay.quotas != first.replay.quotas),
        ]
        var words = [file.map { (text: $0.printable, isName: true) } ?? (text: policy, isName: false)]
        if let strategy { words.append((strategy, false)) }
        if replay.declared != .trace { words.append(("declared \(replay.declared.rawValue)", false)) }
        for (word, isOther) in lists where isOther && file == nil { words.append(("other \(word)", false)) }
        if file != nil, lists[0].1 { words.append(("other priorities", false)) }
        return words
    }
}
