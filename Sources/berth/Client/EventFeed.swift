internal import BerthJSON
internal import BerthKernel

/// The agent's stream of events, on a connection of its own.
struct EventFeed: ~Copyable {
    /// The number of the agent's ledger; nil where it does not say. Numbers of events mean nothing in another one.
    let epoch: String?
    private let connection: AgentConnection
    private var response: HTTPResponse
    private var lines = EventLines()

    /// What came of waiting.
    enum Next {
        case events([StreamedEvent])
        /// Nothing came in time.
        case nothing
        /// The agent ended the stream.
        case over
    }

    /// Opens the stream. What happens from then on is in it.
    /// - Parameters:
    ///   - socket: what the person named
    ///   - last: the event after which it begins; nil is the latest
    ///   - epoch: the ledger that `last` is of; nil is whatever the agent has
    ///   - reservation: only what is about this one; nil is all
    init(
        _ socket: String?, after last: Int64? = nil, epoch: String? = nil, of reservation: String? = nil
    ) throws(CommandFailure) {
        let query = [
            last.map { "since=\($0)" }, epoch.map { "epoch=\($0.percentEncoded)" },
            reservation.map { "reservation=\($0.percentEncoded)" },
        ].compactMap { $0 }.joined(separator: "&")
        let connection = try AgentConnection(socket)
        try connection.send(.get, "/v1/events" + (query.isEmpty ? "" : "?\(query)"))
        var response = HTTPResponse(mostBody: EventLines.mostBytes)
        let deadline = SystemClock.uptime + AgentConnection.readingTime
        // Of a stream the header is enough, of a problem all is needed.
        while !response.hasHead || (response.status != 200 && !response.isComplete) {
            guard try connection.receive(&response, until: deadline) else {
                throw CommandFailure("the agent at \(connection.path) has not answered for 30 s")
            }
        }
        if response.status != 200 {
            _ = try AgentConnection.document(&response)
            throw CommandFailure("the agent sends no events")
        }
        guard response.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
            throw CommandFailure("the agent at \(connection.path) sends no events")
        }
        self.epoch = response.headers["berth-epoch"]
        self.connection = connection
        self.response = response
    }

    /// The next events; waits for them until a moment of ``SystemClock/uptime``, or for ever.
    mutating func next(until deadline: Int64? = nil) throws(CommandFailure) -> Next {
        while true {
            let events = try lines.receive(response.takeBody())
            if !events.isEmpty { return .events(events) }
            if response.isComplete { return .over }
            guard try connection.receive(&response, until: deadline) else { return .nothing }
        }
    }
}

extension String {
    /// The text in a query or a path: everything but unreserved characters (RFC 3986, section 2.3) as `%XX`.
    var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { text, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
