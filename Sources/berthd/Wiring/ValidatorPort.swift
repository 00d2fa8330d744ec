internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthModel
internal import BerthPluginKit
internal import Synchronization

/// The validators of an agent: those among the plugins of its inventory, and those that its configuration expects.
final class ValidatorPort: Validators {
    private let validators: Mutex<PluginValidators>

    /// Those that are expected are not there before they are.
    init(_ expected: PluginValidators) { validators = Mutex(expected) }

    /// Asks these from now on.
    func use(_ validators: PluginValidators) { self.validators.withLock { $0 = validators } }

    var isEmpty: Bool { validators.withLock { $0.isEmpty } }

    func amend(
        _ question: BerthAgent.Question
    ) async throws(ValidatorFailure) -> (request: JSONObject, amendments: [BerthModel.Amendment]) {
        do throws(PluginValidators.Absent) {
            let (request, amendments) = try await validators.withLock { $0 }.amend(BerthPluginKit.Question(question))
            return (
                request,
                amendments.map {
                    BerthModel.Amendment(
                        validator: $0.name, pointer: $0.value.pointer, value: $0.value.value, reason: $0.value.reason)
                }
            )
        } catch {
            throw ValidatorFailure(error.reason)
        }
    }

    func violations(_ question: BerthAgent.Question) async throws(ValidatorFailure) -> [BerthCore.Violation] {
        do throws(PluginValidators.Absent) {
            return try await validators.withLock { $0 }.violations(BerthPluginKit.Question(question)).map {
                BerthCore.Violation(
                    code: $0.value.code, pointer: $0.value.pointer, message: $0.value.message, hint: $0.value.hint,
                    validator: $0.name)
            }
        } catch {
            throw ValidatorFailure(error.reason)
        }
    }
}

extension BerthPluginKit.Question {
    /// As it goes to a plugin.
    fileprivate init(_ question: BerthAgent.Question) {
        let purpose: Purpose =
            switch question.purpose {
            case .reserve: .reserve
            case .resize: .resize
            case .explain: .explain
            }
        self.init(
            purpose, request: question.request, user: Int64(question.user), groups: question.groups.map { Int64($0) },
            proposal: question.proposal, host: question.host)
    }
}
