import BerthJSON
import BerthPluginKit

/// One rule: what it is about, and what it does then.
struct Rule {
    let name: String
    /// Whom it is about; nil for everybody.
    private let users: Set<Int64>?
    private let groups: Set<Int64>?
    private let hours: Hours?
    private let days: Set<String>?
    private let conditions: [(pointer: JSONPointer, condition: Condition)]
    let deny: String?
    let at: String
    let hint: String?
    let set: [(pointer: JSONPointer, value: JSONValue)]

    /// Reads a rule of the configuration.
    init(_ value: JSONValue) throws {
        var fields = try JSONFields(value)
        name = try fields.required("name", .string)
        users = try fields.optional("users", .array).map { Set(try $0.map { try Account.user($0) }) }
        groups = try fields.optional("groups", .array).map { Set(try $0.map { try Account.group($0) }) }
        hours = try fields.optional("hours", .string).map { try Hours($0) }
        days = try fields.optional("days", .array(of: .string)).map { Set($0) }
        conditions = try (try fields.optional("where", .dictionary(of: .string)) ?? [:]).sorted { $0.key < $1.key }.map
        {
            (try JSONPointer(parsing: $0.key), try Condition($0.value))
        }
        deny = try fields.optional("deny", .string)
        at = try fields.optional("at", .string) ?? ""
        hint = try fields.optional("hint", .string)
        set = try (try fields.optional("set", .dictionary(of: .value)) ?? [:]).sorted { $0.key < $1.key }.map {
            (try JSONPointer(parsing: $0.key), $0.value)
        }
        try fields.finish()
        guard (deny == nil) != set.isEmpty else {
            throw Failure("the rule \(name) has to have either `deny` or `set`")
        }
    }

    /// Whether a request is what the rule is about: all that it says has to be so, of one of the resources that would do. A
    /// rule that looked at the first alone would not see what is granted instead.
    func isAbout(_ question: Question, at time: LocalTime) -> Bool {
        var other = question
        return isAboutFirst(question, at: time)
            || question.alternatives.contains { resources in
                other.request["resources"] = resources
                return isAboutFirst(other, at: time)
            }
    }

    /// Whether it is that by the resources that are wanted most.
    func isAboutFirst(_ question: Question, at time: LocalTime) -> Bool {
        if let users, !users.contains(question.user) { return false }
        if let groups, groups.isDisjoint(with: question.groups) { return false }
        if let hours, !hours.contains(time.minutes) { return false }
        if let days, !days.contains(time.day) { return false }
        let request = JSONValue.object(question.request)
        return conditions.allSatisfy { $0.condition.holds(of: request[$0.pointer]) }
    }
}

extension Question {
    /// What would do in the place of the resources.
    fileprivate var alternatives: [JSONValue] {
        guard case .array(let alternatives)? = request["alternatives"] else { return [] }
        return alternatives
    }
}
