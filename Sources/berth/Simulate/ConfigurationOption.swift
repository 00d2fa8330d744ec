internal import ArgumentParser
internal import BerthCore
internal import BerthModel

/// A configuration as options write it: `policy=fair,strategy=greedy`.
enum ConfigurationOption {
    /// The words that `--vs` knows.
    private static let words = ["policy", "strategy", "declared"]

    /// A configuration that differs from another as a text says.
    static func read(_ text: String, over base: Replay.Configuration) throws -> Replay.Configuration {
        var configuration = base
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, words.contains(String(halves[0])) else {
                throw ValidationError(
                    "--vs wants words such as policy=fair,strategy=greedy,declared=exact, not \(String(part).quoted)")
            }
            let value = String(halves[1])
            switch halves[0] {
            case "policy": configuration.policy = try policy(value, "--vs")
            case "strategy": configuration.strategy = try strategy(value, "--vs")
            default: configuration.declared = try declared(value, "--vs")
            }
        }
        return configuration
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

    /// Numbers of users: `ann=10,bob=-5`.
    static func numbers(_ text: String, _ option: String, _ range: ClosedRange<Int>) throws -> [String: Int] {
        var numbers: [String: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2, let number = Int(halves[1]), range.contains(number),
                numbers.updateValue(number, forKey: String(halves[0])) == nil
            else {
                throw ValidationError(
                    "\(option) wants users and numbers from \(range.lowerBound) to \(range.upperBound): ann=10,bob=5")
            }
        }
        return numbers
    }

    /// What each user may have: `cpu=32,memory=64GiB,gpu=2,reservations=100`.
    static func quotas(_ text: String) throws -> [Quota.Bound] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let halves = part.split(separator: "=", omittingEmptySubsequences: false)
            let refusal = ValidationError(
                "--quota wants what each user may have: cpu=32,memory=64GiB,gpu=2,reservations=9")
            guard halves.count == 2 else { throw refusal }
            if halves[0] == "reservations", let most = Int(halves[1]), most >= 0 { return .reservations(most) }
            guard let type = [ResourceType.cpu, .memory, .gpu].first(where: { $0.name == halves[0] }),
                let amount = try? type.measure.quantity(parsing: halves[1])
            else { throw refusal }
            return .amount(type, amount)
        }
    }

    /// A configuration in short, as a column is headed.
    static func text(_ configuration: Replay.Configuration) -> String {
        "\(configuration.policy.rawValue), \(configuration.strategy.rawValue)"
            + (configuration.declared == .trace ? "" : ", declared \(configuration.declared.rawValue)")
    }

    private static func unknown(_ what: String, _ option: String, _ known: [String]) -> ValidationError {
        let word = option == "--vs" ? "\(option) \(what)" : option
        return ValidationError("\(word) wants one of \(known.joined(separator: ", "))")
    }
}
