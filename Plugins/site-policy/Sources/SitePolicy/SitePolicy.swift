import BerthJSON
import BerthPluginKit
import Glibc

/// Rules of a site over who asks, when, and for what: each denies what it is about, or puts something into it.
struct SitePolicy: Validator {
    /// The moment of asking, in seconds since 1970.
    private let now: @Sendable () -> time_t
    private var rules: [Rule] = []

    init(now: @escaping @Sendable () -> time_t = { time(nil) }) { self.now = now }

    mutating func start(_ start: Start) throws {
        guard case .array(let rules)? = start.configuration["rules"] else {
            throw Failure("the configuration has no rules", hint: "write them under plugins.settings.site-policy.rules")
        }
        self.rules = try rules.map { try Rule($0) }
    }

    func amend(_ question: Question) -> [Amendment] {
        let times = times(of: question)
        return rules.filter { rule in times.contains { rule.isAbout(question, at: $0) } }.flatMap { rule in
            // What is said of an alternative is no word on the first.
            let isAboutFirst = times.contains { rule.isAboutFirst(question, at: $0) }
            return rule.set.filter { isAboutFirst || $0.pointer.tokens.first != "resources" }
                .filter { JSONValue.object(question.request)[$0.pointer] != $0.value }
                .map { Amendment($0.pointer.description, $0.value, "the rule \(rule.name) of this site") }
        }
    }

    func validate(_ question: Question) -> [Violation] {
        let times = times(of: question)
        return rules.compactMap { rule in
            guard let deny = rule.deny, times.contains(where: { rule.isAbout(question, at: $0) }) else { return nil }
            return Violation(rule.name, at: rule.at, deny, hint: rule.hint)
        }
    }

    /// The times by which rules go: that of asking, and that at which it is to begin, where that is to come.
    private func times(of question: Question) -> [LocalTime] {
        let now = now()
        guard let start = question.start, start > now else { return [LocalTime(now)] }
        return [LocalTime(now), LocalTime(start)]
    }
}

/// The library's one symbol.
@c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(SitePolicy()) }
