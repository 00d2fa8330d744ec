/// How far a connection is with its requests, and so what the server waits for.
struct RequestProgress: Hashable, Sendable {
    /// What is to come next.
    enum Awaited: Hashable, Sendable {
        /// The first byte of a request.
        case request
        /// The rest of a request's header.
        case head
        /// The rest of a request's body.
        case body
        /// The agent's answer: the client has done its part.
        case answer
    }

    private enum Reading: Hashable {
        case nothing, head, body
    }

    private var reading = Reading.nothing
    /// Requests of which the header was read.
    private(set) var begun = 0
    /// Requests that are answered.
    private(set) var answered = 0

    /// Bytes came; they begin a request where none is being read.
    mutating func noteBytes() { if reading == .nothing { reading = .head } }

    /// The header of a request is read.
    mutating func noteHead() {
        reading = .body
        begun += 1
    }

    /// A request is read to its end.
    mutating func noteEnd() { reading = .nothing }

    /// A request is answered.
    mutating func noteAnswer() { answered += 1 }

    /// Requests that are begun and not answered, one whose body is still being read among them.
    var unanswered: Int { begun - answered }

    /// Whether a request's body is being read.
    var isInBody: Bool { reading == .body }

    /// What is to come next. While an answer is owed the client may send the next request as slowly as it likes.
    var awaited: Awaited {
        if unanswered - (isInBody ? 1 : 0) > 0 { return .answer }
        switch reading {
        case .nothing: return .request
        case .head: return .head
        case .body: return .body
        }
    }
}
