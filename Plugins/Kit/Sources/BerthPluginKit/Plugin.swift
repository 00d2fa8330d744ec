internal import BerthJSON

/// A provider or a validator behind one function.
class Plugin {
    /// Answers a call; nil for one that is not its kind's.
    func answer(_ call: Call, _ agent: AgentLine) throws -> JSONValue? { nil }
}

/// A provider as a plugin.
final class ProviderPlugin<Provider: ResourceProvider>: Plugin {
    private var provider: Provider

    init(_ provider: Provider) { self.provider = provider }

    override func answer(_ call: Call, _ agent: AgentLine) throws -> JSONValue? {
        switch call {
        case .start(let types, let configuration, let state, let held):
            try provider.start(
                Start(types: types, configuration: configuration, state: state, held: held, agent: agent))
            return [:]
        case .discover: return ["offers": .array(try provider.discover().map(\.json))]
        case .check(let ask): return ["violations": .array(try provider.check(ask).map(\.json))]
        case .allocate(let allocation): return try provider.allocate(allocation).json
        case .release(let reservation):
            try provider.release(reservation)
            return [:]
        case .usage(let reservations):
            return ["usage": .object(JSONObject(try provider.usage(of: reservations)) { .object($0) })]
        case .scale(let type, let target):
            try provider.scale(type, to: target)
            return [:]
        case .amend, .validate: return nil
        }
    }
}

/// A validator as a plugin.
final class ValidatorPlugin<Rules: Validator>: Plugin {
    private var validator: Rules

    init(_ validator: Rules) { self.validator = validator }

    override func answer(_ call: Call, _ agent: AgentLine) throws -> JSONValue? {
        switch call {
        case .start(_, let configuration, let state, _):
            try validator.start(Start(configuration: configuration, state: state, agent: agent))
            return [:]
        case .amend(let question): return ["amendments": .array(try validator.amend(question).map(\.json))]
        case .validate(let question): return ["violations": .array(try validator.validate(question).map(\.json))]
        case .discover, .check, .allocate, .release, .usage, .scale: return nil
        }
    }
}
