internal import ArgumentParser
internal import BerthCore
internal import BerthModel

/// A configuration as options write it: `policy=weighted,strategy=greedy,weights.ann=3`, or `config=berth.json`.
enum ConfigurationOption {
    /// A configuration that differs from another as a text says, and the file that it is of.
    static func read(
        _ text: String, over base: Replay.Configuration, of file: String?
    ) throws -> (Replay.Configuration, file: String?) {
        var (configuration, file) = (base, file)
        var first: String?
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2 else { throw unknown(part) }
            // One of a list is said after a point: the other ones stay.
            if ["policy", "weights", "quota"].contains(name[0]) { first = first ?? name[0] }
            switch (name[0], name.count == 2 ? name[1] : nil) {
            case ("config", nil):
                guard !halves[1].isEmpty else { throw unknown(part) }
                file = halves[1]
            case ("policy", nil): configuration.policy = try policy(halves[1], "--vs")
            case ("strategy", nil): configuration.strategy = try strategy(halves[1], "--vs")
            case ("declared", nil): configuration.declared = try declared(halves[1], "--vs")
            case ("priorities", let user?):
                let number = try number("\(user)=\(halves[1])", "--vs", ReservationRequest.priorities)
                configuration.priorities[user] = number
            case ("weights", let user?):
                configuration.weights[user] = try number("\(user)=\(halves[1])", "--vs", weights)
            case ("quota", let type?):
                let bound = try quota("\(type)=\(halves[1])", "--vs")
                configuration.quotas.removeAll { $0.isOfTheSame(as: bound) }
                configuration.quotas.append(bound)
            default: throw unknown(part)
            }
        }
        if let first, file != nil {
            throw ValidationError("--vs \(first): with a configuration file that is said there")
        }
        return (configuration, file)
    }

    /// The weights that a user may have.
    static let weights = 1...1_000_000

    private static func unknown(_ part: String) -> ValidationError {
        ValidationError(
            "--vs wants words such as policy=fair,strategy=greedy,declared=exact,weights.ann=3,priorities.bob=-5,"
                + "quota.cpu=32,config=berth.json, not \(part.quoted)")
    }

    static func strategy(_ text: String, _ option: String) throws -> Strategy {
        guard let strategy = Strategy(rawValue: text) else {
            throw unknown("strategy", option, Strategy.allCases.map(\.rawValue))
        }
        return strategy
    }

    static func policy(_ text: String, _ option: String) throws -> Replay.Order {
        guard let policy = Replay.Order(rawValue: text) else {
            throw unknown("policy", option, Replay.Order.allCases.map(\.rawValue))
        }
        return policy
    }

    static func declared(_ text: String, _ option: String) throws -> Replay.Declared {
        guard let declared = Replay.Declared(rawValue: text) else {
            throw unknown("declared", option, Replay.Declared.allCases.map(\.rawValue))
        }
        return declared
    }

    /// Names of users and what goes with each: `ann=physics,bob=chemistry`.
    static func words(_ text: String, _ option: String) throws -> [String: String] {
        var words: [String: String] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else {
                throw ValidationError("\(option) wants users and a name for each: ann=physics,bob=chemistry")
            }
            guard words.updateValue(halves[1], forKey: halves[0]) == nil else {
                throw ValidationError("\(option) names \(halves[0].quoted) more than once")
            }
        }
        return words
    }

    /// Pools of users: `ann=prod,bob=batch`.
    static func pools(_ text: String) throws -> [String: PoolName] {
        try words(text, "--pools").mapValues { name in
            guard let pool = PoolName(name) else {
                throw ValidationError("--pools: \(name.quoted) is no name of a pool")
            }
            return pool
        }
    }

    /// Numbers of users: `ann=10,bob=-5`.
    static func numbers(_ text: String, _ option: String, _ range: ClosedRange<Int>) throws -> [String: Int] {
        var numbers: [String: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let user = String(part.prefix { $0 != "=" })
            guard numbers.updateValue(try number(part, option, range), forKey: user) == nil else {
                throw ValidationError("\(option) names \(user.quoted) more than once")
            }
        }
        return numbers
    }

    /// That of one user: `ann=10`.
    private static func number(_ text: String, _ option: String, _ range: ClosedRange<Int>) throws -> Int {
        let halves = text.split(separator: "=", omittingEmptySubsequences: false)
        guard halves.count == 2, let number = Int(halves[1]), range.contains(number) else {
            throw ValidationError(
                "\(option) wants users and numbers from \(range.lowerBound) to \(range.upperBound): ann=10,bob=5")
        }
        return number
    }

    /// What each user may have: `cpu=32,memory=64GiB,gpu=2,reservations=100`.
    static func quotas(_ text: String) throws -> [Quota.Bound] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let names = parts.map { $0.prefix { $0 != "=" } }
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ValidationError("--quota names \(String(twice).quoted) more than once")
        }
        return try parts.map { try quota($0, "--quota") }
    }

    private static func quota(_ text: String, _ option: String) throws -> Quota.Bound {
        let halves = text.split(separator: "=", omittingEmptySubsequences: false)
        let refusal = ValidationError(
            "\(option) wants what each user may have: cpu=32,memory=64GiB,gpu=2,reservations=9")
        guard halves.count == 2 else { throw refusal }
        if halves[0] == "reservations", let most = Int(halves[1]), most >= 0 { return .reservations(most) }
        guard let type = [ResourceType.cpu, .memory, .gpu].first(where: { $0.name == halves[0] }),
            let amount = try? type.measure.quantity(parsing: halves[1])
        else { throw refusal }
        return .amount(type, amount)
    }

    private static func unknown(_ what: String, _ option: String, _ known: [String]) -> ValidationError {
        let word = option == "--vs" ? "\(option) \(what)" : option
        return ValidationError("\(word) wants one of \(known.joined(separator: ", "))")
    }
}

extension Quota.Bound {
    /// Whether both say how much there may be of one thing.
    fileprivate func isOfTheSame(as other: Quota.Bound) -> Bool {
        switch (self, other) {
        case (.amount(let type, _), .amount(let otherType, _)): type == otherType
        case (.reservations, .reservations): true
        default: false
        }
    }
}
