package import BerthJSON
internal import BerthPluginKit

/// A suite that every plugin has to pass, against the built library: each check in a process of its own.
package struct PluginCheck: Sendable {
    /// One thing that is expected of a plugin.
    package struct Finding: Hashable, Sendable {
        /// What is expected, as a sentence.
        package let name: String
        /// What the plugin did in its place; nil where it did what is expected.
        package let fault: String?
    }

    let file: PluginFile
    let box: PluginBox
    let configuration: JSONObject
    let whenWritten: @Sendable (String) -> Void

    /// - Parameters:
    ///   - configuration: what the plugin is given as its section of the configuration
    ///   - whenWritten: told of each line that it writes to its output
    package init(
        _ file: PluginFile, in box: PluginBox, configuration: JSONObject,
        whenWritten: @escaping @Sendable (String) -> Void
    ) {
        self.whenWritten = whenWritten
        self.file = file
        self.box = box
        self.configuration = configuration
    }

    /// What a plugin did that is not expected.
    struct Unexpected: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    /// Runs every check, and tells of each as it is done. Where a plugin does not even start the others are left out.
    package func run(_ tell: (Finding) -> Void) {
        func check(_ name: String, _ body: () throws -> Void) -> Bool {
            var fault: String?
            do {
                try body()
            } catch let unexpected as Unexpected {
                fault = unexpected.what
            } catch {
                fault = "\(error)"
            }
            tell(Finding(name: name, fault: fault))
            return fault == nil
        }
        guard check("it has a configuration that its manifest allows", checkConfiguration),
            check("it is loaded and takes up work", { _ = try started() })
        else { return }
        _ = check("it says of a call that it does not know that it does not", checkUnknownCall)
        _ = check("it goes on after a configuration that makes no sense", checkBadConfiguration)
        _ = check("a second process beside the first takes up work, and both answer while the other is asked", checkTwo)
        switch file.manifest.kind {
        case .provider:
            guard check("what it offers is as its manifest says, twice the same", checkOffers) else { return }
            _ = check("to allocate twice is to allocate once", checkAllocate)
            _ = check("to release twice, or what was never allocated, does no harm", checkRelease)
            _ = check("after kill -9 it takes up what is held", checkRestart)
            _ = check("many reservations come and go", checkMany)
        case .validator:
            _ = check("it answers a question, twice the same", checkQuestion)
            _ = check("what it amends it does not amend again", checkAmendments)
            _ = check("after kill -9 it answers the same", checkQuestionAfterRestart)
        }
    }
}

// MARK: - Asking

extension PluginCheck {
    /// A process that has taken up work.
    func started(held: [Allocation] = []) throws -> PluginProcess {
        let process = try loaded()
        try done(process, start(configuration, held))
        return process
    }

    private func loaded() throws -> PluginProcess { try box.start(file, whenWritten: whenWritten) }

    private func start(_ configuration: JSONObject, _ held: [Allocation]) -> Call {
        .start(types: file.manifest.types.map(\.name), configuration: configuration, state: box.state, held: held)
    }

    /// Asks for what must not fail.
    @discardableResult
    func done(_ process: PluginProcess, _ call: Call) throws -> JSONValue {
        try done(try process.call(call, within: wait(for: call)), call)
    }

    private func done(_ answer: PluginProcess.Answer, _ call: Call) throws -> JSONValue {
        switch answer {
        case .done(let answer): return answer
        case .unknownCall: throw Unexpected("it does not know the call \(call.name), which a \(file.manifest.kind) has")
        case .failed(let failure): throw Unexpected("\(call.name) failed: \(failure)")
        }
    }

    func done<Value>(_ process: PluginProcess, _ call: Call, _ reader: JSONReader<Value>) throws -> Value {
        try read(try done(process, call), call, reader)
    }

    func read<Value>(_ answer: JSONValue, _ call: Call, _ reader: JSONReader<Value>) throws -> Value {
        do { return try reader.read(answer) } catch {
            throw Unexpected("its answer to \(call.name) makes no sense: \(error)")
        }
    }

    /// Asks for what a plugin need not know; nil where it does not.
    func optional<Value>(_ process: PluginProcess, _ call: Call, _ reader: JSONReader<Value>) throws -> Value? {
        if case .unknownCall = try process.call(call, within: wait(for: call)) { return nil }
        return try done(process, call, reader)
    }

    private func checkConfiguration() throws {
        let violations = file.manifest.configuration.violations(of: .object(configuration))
        guard let first = violations.first else { return }
        throw Unexpected("\(first.pointer) \(first.message)")
    }

    private func checkUnknownCall() throws {
        let process = try started()
        guard case .unknownCall = try process.ask(["call": "berth_check"], named: "berth_check", within: box.callWait)
        else { throw Unexpected("it answered a call of the name berth_check") }
    }

    private func checkBadConfiguration() throws {
        let process = try loaded()
        // Whether it takes it or says that it fails is its own affair; that it ends is not.
        _ = try process.call(start(["berth_check": [1, nil, "x"]], []), within: box.callWait)
        _ = try process.ask(["call": "discover"], named: "discover", within: box.callWait)
    }

    /// How long the agent waits for an answer: for a validator no longer than for what it is asked while a request waits.
    private func wait(for call: Call) -> Int64 {
        switch call {
        case .amend, .validate: ValidatorSettings().wait
        default: box.callWait
        }
    }

    /// Both are asked before either has answered, again and again.
    private func checkTwo() throws {
        let first = try started()
        let second = try started()
        let call: Call = file.manifest.kind == .provider ? .discover : .validate(Self.question)
        for _ in 0..<16 {
            for process in [first, second] { try process.put(call.json, named: call.name, within: wait(for: call)) }
            for process in [second, first] {
                _ = try done(try process.takeAnswer(to: call.name, within: wait(for: call)), call)
            }
        }
    }
}
