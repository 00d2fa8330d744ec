internal import BerthJSON

/// Why a command did not do what was asked: a sentence, and what the person can do.
struct CommandFailure: Error, CustomStringConvertible {
    /// What was tried, on what, and what was answered.
    let message: String
    /// What the person can do.
    let hint: String?
    /// The code of the agent's problem; nil where it is none of the agent's.
    let code: String?
    /// The agent's problem; nil where it is none of the agent's.
    let document: JSONValue?

    /// What berth exits with.
    var status: Int32

    init(
        _ message: String, hint: String? = nil, code: String? = nil, document: JSONValue? = nil, status: Int32 = 1
    ) {
        self.status = status
        self.message = message
        self.hint = hint
        self.code = code
        self.document = document
    }

    /// The sentence and what the person can do, as lines that stand below `berth: `. What files and others say in it may be
    /// anything: it is escaped.
    var description: String {
        let text = message + (hint.map { "\n       \($0)" } ?? "")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { String($0).printable }.joined(separator: "\n")
    }
}
