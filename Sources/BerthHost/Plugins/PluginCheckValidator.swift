internal import BerthJSON
internal import BerthPluginKit

/// What is expected of a validator.
extension PluginCheck {
    /// A request such as any.
    static let question = Question(
        .reserve,
        request: ["name": "check", "resources": ["cpu": 1, "memory": "1GiB"], "lease": "10m", "labels": [:]],
        user: 65534,
        groups: [65534], proposal: ["resources": ["cpu": 1, "memory": 1_073_741_824]], host: ["resources": []])

    private static var violations: JSONReader<[Violation]> {
        .fields { fields throws(JSONFieldError) in try fields.required("violations", .array(of: Violation.reader)) }
    }

    private static var amendments: JSONReader<[Amendment]> {
        .fields { fields throws(JSONFieldError) in try fields.required("amendments", .array(of: Amendment.reader)) }
    }

    private func violations(_ process: PluginProcess, _ question: Question) throws -> [Violation] {
        let violations = try done(process, .validate(question), Self.violations)
        for violation in violations { _ = try pointer(violation.pointer) }
        return violations
    }

    private func pointer(_ text: String) throws -> JSONPointer {
        do { return try JSONPointer(parsing: text) } catch {
            throw Unexpected("\(text) is no JSON pointer: \(error)")
        }
    }

    func checkQuestion() throws {
        let process = try started()
        let first = try violations(process, Self.question)
        guard try violations(process, Self.question) == first else { throw Unexpected("the second answer is another") }
    }

    func checkAmendments() throws {
        let process = try started()
        var question = Self.question
        let amendments = try optional(process, .amend(question), Self.amendments) ?? []
        for amendment in amendments {
            var request = JSONValue.object(question.request)
            guard request.set(amendment.value, at: try pointer(amendment.pointer)),
                case .object(let object) = request
            else { throw Unexpected("it amends \(amendment.pointer), and there is nothing to put it into") }
            question.request = object
        }
        let again = try optional(process, .amend(question), Self.amendments) ?? []
        guard again.isEmpty else { throw Unexpected("it amends \(again[0].pointer) again") }
        _ = try violations(process, question)
    }

    func checkQuestionAfterRestart() throws {
        let first = try started()
        let before = try violations(first, Self.question)
        first.kill()
        guard try violations(try started(), Self.question) == before else { throw Unexpected("it answers another way") }
    }
}
