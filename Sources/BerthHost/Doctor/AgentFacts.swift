package import BerthJSON
package import BerthKernel

/// What was met at the agent's socket.
package struct AgentFacts: Hashable, Sendable {
    /// The socket's path.
    package let socket: String
    /// What knocking there brought.
    package let contact: Contact
    /// What was heard from `GET /v1/health`.
    package let health: Health
    /// The agent's process; nil where the kernel does not say which it is.
    package let process: AgentProcess?

    /// The user that the agent runs as; nil where there is no telling.
    package var user: UInt32? {
        switch contact {
        case .connected(let user): process?.user ?? user
        // Whoever shuts others out has an agent of its own, and that is the packaged one.
        case .refused(let error): error.saysForbidden ? 0 : nil
        }
    }

    package init(socket: String, contact: Contact, health: Health = .unasked, process: AgentProcess? = nil) {
        self.socket = socket
        self.contact = contact
        self.health = health
        self.process = process
    }

    /// What connect(2) answered.
    package enum Contact: Hashable, Sendable {
        /// A connection to a socket of this user.
        case connected(user: UInt32)
        /// An error.
        case refused(KernelError)
    }

    /// What the agent says of itself.
    package enum Health: Hashable, Sendable {
        /// Nobody could ask.
        case unasked
        /// No answer, or none that can be understood; a sentence.
        case silent(String)
        /// The document.
        case answered(JSONValue)

        /// A text in the document; nil where there is none.
        func text(_ key: String) -> String? {
            guard case .answered(.object(let members)) = self, case .string(let text)? = members[key] else {
                return nil
            }
            return text
        }
    }
}
