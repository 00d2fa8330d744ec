package import BerthJSON
package import BerthPluginKit

/// How one validator is asked, and what is done without it.
package struct ValidatorSettings: Hashable, Sendable {
    /// What is done with requests while it is not there.
    package enum Absence: String, Hashable, Sendable, CaseIterable {
        /// They pass without it.
        case open = "fail-open"
        /// They wait for another day.
        case closed = "fail-closed"
    }

    /// Lower ones come first; those of the same order by name.
    package var order: Int64 = 100
    /// How long it may take to answer, in milliseconds, its coming up included.
    package var wait: Int64 = 1000
    package var absence = Absence.closed

    package init() {}
}

/// The validators of an agent at one moment, in their order.
package struct PluginValidators: Sendable {
    /// One validator; without a supervisor it is configured and not there.
    package struct Entry: Sendable {
        let name: String
        let settings: ValidatorSettings
        let supervisor: PluginSupervisor?

        /// One that is configured.
        package init(name: String, settings: ValidatorSettings, supervisor: PluginSupervisor? = nil) {
            self.name = name
            self.settings = settings
            self.supervisor = supervisor
        }
    }

    /// What one has put into a request, or found wrong with it.
    package struct By<Value: Hashable & Sendable>: Hashable, Sendable {
        package let name: String
        package let value: Value
    }

    /// Why nothing can be said: this one is not there, and requests may not pass without it.
    package struct Absent: Error, Hashable, Sendable {
        package let reason: String
    }

    private let entries: [Entry]

    package init(_ entries: [Entry]) {
        self.entries = entries.sorted { ($0.settings.order, $0.name) < ($1.settings.order, $1.name) }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The most amendments of one validator, and the most bytes of its amendments and how deep they may be.
    private static let most = 64
    private static let longest = 16_384
    private static let deepest = 16

    /// What no validator may change: who asks, and whether it must be held.
    private static let untouchable: Set<String> = ["enforce", "attach", "user", "groups"]

    /// What is said of one whose amendments are not allowed.
    static let mayNotAmend = "it amends what it may not, or what is not there"

    /// Has each amend the request in turn.
    /// - Returns: the request as it is then, and what was put in by whom
    package func amend(
        _ asked: Question
    ) async throws(Absent) -> (request: JSONObject, amendments: [By<Amendment>]) {
        var question = asked
        var done: [By<Amendment>] = []
        for entry in entries {
            guard let answer = try await ask(entry, .amend(question)),
                let amendments = try read(answer, entry, PluginValidators.amendments)
            else { continue }
            guard let request = PluginValidators.amended(question.request, amendments) else {
                try passOver(entry, PluginValidators.mayNotAmend)
                continue
            }
            if let fault = request.faultAsRequest, question.request.faultAsRequest == nil {
                try passOver(entry, "the request makes no sense as it amends it: \(fault)")
                continue
            }
            question.request = request
            done += amendments.map { amendment in
                By(name: entry.name, value: Amendment(amendment.pointer, amendment.value, amendment.reason.excerpt))
            }
        }
        return (question.request, done)
    }

    /// Every rule that the request breaks.
    package func violations(_ question: Question) async throws(Absent) -> [By<Violation>] {
        var found: [By<Violation>] = []
        for entry in entries {
            guard let answer = try await ask(entry, .validate(question)),
                let violations = try read(answer, entry, PluginViolations.reader)
            else { continue }
            found += violations.map { By(name: entry.name, value: $0) }
        }
        return found
    }

    /// The request with all of one validator's amendments; nil where one of them is not allowed.
    static func amended(_ request: JSONObject, _ amendments: [Amendment]) -> JSONObject? {
        var value = JSONValue.object(request)
        let size = amendments.reduce(0) { $0 + $1.value.description.utf8.count + $1.pointer.utf8.count }
        guard amendments.count <= most, size <= longest, amendments.allSatisfy({ $0.value.depth <= deepest }) else {
            return nil
        }
        for amendment in amendments {
            let pointer: JSONPointer
            do throws(JSONParseError) { pointer = try JSONPointer(parsing: amendment.pointer) } catch { return nil }
            guard let first = pointer.tokens.first, !untouchable.contains(first),
                value.set(amendment.value, at: pointer)
            else { return nil }
        }
        guard case .object(let object) = value else { return nil }
        return object
    }

    static var amendments: JSONReader<[Amendment]> {
        .fields { fields throws(JSONFieldError) in try fields.required("amendments", .array(of: Amendment.reader)) }
    }

    /// Goes on without a validator where that is allowed.
    private func passOver(_ entry: Entry, _ reason: String) throws(Absent) {
        guard entry.settings.absence == .closed else { return }
        throw Absent(reason: "the validator \(entry.name) says nothing that can be used: \(reason)")
    }

    /// The answer of one; nil where it is passed over.
    private func ask(_ entry: Entry, _ call: Call) async throws(Absent) -> JSONValue? {
        let reason: String
        if let supervisor = entry.supervisor {
            do throws(PluginSupervisor.CallFailure) {
                return try await supervisor.ask(call, within: entry.settings.wait, limit: entry.settings.wait)
            } catch .unknownCall {
                // Not every validator amends; every one validates.
                if case .amend = call { return nil }
                reason = "it does not know the call \(call.name), which every validator has"
            } catch {
                reason = error.told.reason
            }
        } else {
            reason = "it is not there"
        }
        try passOver(entry, reason)
        return nil
    }

    private func read<Value>(
        _ answer: JSONValue, _ entry: Entry, _ reader: JSONReader<Value>
    ) throws(Absent) -> Value? {
        do throws(JSONFieldError) { return try reader.read(answer) } catch {
            try passOver(entry, "its answer makes no sense: \(error)")
            return nil
        }
    }
}
