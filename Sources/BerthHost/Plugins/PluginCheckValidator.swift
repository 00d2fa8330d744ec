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

    private func violations(_ process: PluginProcess, _ question: Question) throws -> [Violation] {
        let violations = try done(process, .validate(question), PluginViolations.reader)
        for violation in violations {
            do { _ = try JSONPointer(parsing: violation.pointer) } catch {
                throw Unexpected("\(violation.pointer) is no JSON pointer: \(error)")
            }
        }
        return violations
    }

    /// What it makes of a request, which has to be one still.
    private func amended(_ request: JSONObject, _ amendments: [Amendment]) throws -> JSONObject {
        guard let amended = PluginValidators.amended(request, amendments) else {
            throw Unexpected(PluginValidators.mayNotAmend)
        }
        if let fault = amended.faultAsRequest {
            throw Unexpected("the request makes no sense as it amends it: \(fault)")
        }
        return amended
    }

    func checkQuestion() throws {
        let process = try started()
        let first = try violations(process, Self.question)
        guard try violations(process, Self.question) == first else { throw Unexpected("the second answer is another") }
    }

    func checkAmendments() throws {
        let process = try started()
        var question = Self.question
        let amendments = try optional(process, .amend(question), PluginValidators.amendments) ?? []
        question.request = try amended(question.request, amendments)
        let again = try optional(process, .amend(question), PluginValidators.amendments) ?? []
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
