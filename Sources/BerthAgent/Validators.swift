package import BerthCore
package import BerthJSON
package import BerthModel

/// Who admits requests or refuses them by rules of their own.
package protocol Validators: Sendable {
    /// Whether there are none; then nothing else is asked.
    var isEmpty: Bool { get }
    /// What the request lacks and gets, each in turn, each seeing what those before it have put in.
    func amend(_ question: Question) async throws(ValidatorFailure) -> (request: JSONObject, amendments: [Amendment])
    /// Every rule that the request breaks, of all validators.
    func violations(_ question: Question) async throws(ValidatorFailure) -> [Violation]
}

/// What validators are asked about.
package struct Question: Hashable, Sendable {
    /// Why they are asked.
    package enum Purpose: String, Hashable, Sendable {
        case reserve, resize, explain
    }

    package var purpose: Purpose
    /// The request as the client would write it, amended so far.
    package var request: JSONObject
    /// Who asks.
    package var user: UInt32
    package var groups: [UInt32]
    /// What would be granted: the resources of the reservation, by type. Empty before that is known.
    package var proposal: JSONObject
    /// What the host has: of each type what there is and what is free.
    package var host: JSONObject
}

/// Why validators could not say anything: one of them is not there, and the request may not pass without it.
package struct ValidatorFailure: Error, Hashable, Sendable {
    /// Why, as a sentence.
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// A host without validators.
package struct NoValidators: Validators {
    package init() {}

    package var isEmpty: Bool { true }

    package func amend(
        _ question: Question
    ) async throws(ValidatorFailure) -> (request: JSONObject, amendments: [Amendment]) { (question.request, []) }

    package func violations(_ question: Question) async throws(ValidatorFailure) -> [Violation] { [] }
}
