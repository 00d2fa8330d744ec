import BerthJSON
import BerthPluginKit

/// Rules of a site over who asks, when, and for what: each denies what it is about, or puts something into it.
struct SitePolicy: Validator {
    /// The time by which rules go.
    private let now: @Sendable () -> LocalTime
    private var rules: [Rule] = []

    init(now: @escaping @Sendable () -> LocalTime = { LocalTime.now() }) { self.now = now }

    mutating func start(_ start: Start) throws {
        guard case .array(let rules)? = start.configuration["rules"] else {
            throw Failure("the configuration has no rules", hint: "write them under plugins.settings.site-policy.rules")
        }
        self.rules = try rules.map { try Rule($0) }
    }

    func amend(_ question: Question) -> [Amendment] {
        let now = now()
        return rules.filter { $0.isAbout(question, at: now) }.flatMap { rule in
            // What is said of an alternative is no word on the first.
            let isAboutFirst = rule.isAboutFirst(question, at: now)
            return rule.set.filter { isAboutFirst || $0.pointer.tokens.first != "resources" }
                .filter { JSONValue.object(question.request)[$0.pointer] != $0.value }
                .map { Amendment($0.pointer.description, $0.value, "the rule \(rule.name) of this site") }
        }
    }

    func validate(_ question: Question) -> [Violation] {
        let now = now()
        return rules.compactMap { rule in
            guard let deny = rule.deny, rule.isAbout(question, at: now) else { return nil }
            return Violation(rule.name, at: rule.at, deny, hint: rule.hint)
        }
    }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(SitePolicy()) }
