internal import BerthJSON
internal import BerthKernel

/// One connection to the agent. It waits; requests go one after the other.
struct AgentConnection: ~Copyable {
    /// Where the agent listens.
    let path: String
    private let stream: UnixStream

    /// What a call does, as HTTP has it.
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// How long calls that only read may take, in milliseconds.
    static let readingTime: Int64 = 30_000
    /// The largest document that is taken: that of a hundred thousand reservations.
    private static let documentLimits = JSONLimits(maxDepth: 64, maxBytes: 256 << 20)

    /// - Parameter socket: what the person named; nil is BERTH_SOCKET or the packaged path
    init(_ socket: String?) throws(CommandFailure) {
        path = AgentSocket.path(socket)
        do throws(KernelError) {
            stream = try UnixStream(connectingTo: path)
        } catch {
            throw AgentSocket.failure(error, at: path)
        }
    }

    /// Makes a call and waits for its answer.
    /// - Parameters:
    ///   - target: path and query, percent-encoded
    ///   - time: how long it may take in milliseconds; nil is as long as it takes
    ///   - key: the Idempotency-Key
    ///   - speech: in which words the person said the members of the body
    /// - Throws: also for a problem that the agent answers
    func call(
        _ method: Method, _ target: String, _ body: JSONValue? = nil, within time: Int64? = nil, key: String? = nil,
        as speech: CommandSpeech = CommandSpeech()
    ) throws(CommandFailure) -> JSONValue {
        try send(method, target, body, headers: key.map { [("Idempotency-Key", $0)] } ?? [])
        var response = HTTPResponse()
        let deadline = time.map { SystemClock.uptime + $0 }
        while !response.isComplete {
            guard try receive(&response, until: deadline) else {
                throw CommandFailure(
                    "the agent at \(path) has not answered for \((time ?? 0) / 1000) s",
                    hint: "it is stuck or very busy. See: systemctl status berthd")
            }
        }
        return try AgentConnection.document(&response, as: speech)
    }

    /// Asks for a reservation, and tells the person where it does not come at once.
    func reserve(_ body: JSONValue, key: String? = nil, isQuiet: Bool = false) throws(CommandFailure) -> JSONValue {
        // Others may have to go first, for which it waits without having said so.
        let speech = CommandSpeech(hasStart: body["start"] != nil)
        let start = body["start"]?.text.map { "for its start, \($0.printable), which is promised" }
        let goal = body["wait"]?.text.map { "up to \($0.printable) for room" }
        // A pool may say so for all in it.
        let isPriority = body["strategy"].map { $0 == "priority" } ?? (body["pool"] != nil)
        let others = isPriority ? "until others have made room" : nil
        guard !isQuiet, let goal = start ?? goal ?? others else {
            return try call(.post, "/v1/reservations", body, key: key, as: speech)
        }
        try send(.post, "/v1/reservations", body, headers: key.map { [("Idempotency-Key", $0)] } ?? [])
        var response = HTTPResponse()
        var patience: Int64? = SystemClock.uptime + AgentConnection.patience
        while !response.isComplete {
            guard try receive(&response, until: patience) else {
                patience = nil
                Terminal.note("waiting \(goal); berth list shows the queue")
                continue
            }
        }
        return try AgentConnection.document(&response, as: speech)
    }

    /// Asks for a reservation, and waits neither for its turn nor for its start.
    func queue(_ body: JSONValue, key: String? = nil) throws(CommandFailure) -> JSONValue {
        let headers = [("Prefer", "respond-async")] + (key.map { [("Idempotency-Key", $0)] } ?? [])
        try send(.post, "/v1/reservations", body, headers: headers)
        var response = HTTPResponse()
        while !response.isComplete { _ = try receive(&response, until: nil) }
        return try AgentConnection.document(&response, as: CommandSpeech(hasStart: body["start"] != nil))
    }

    /// After so many milliseconds a person wants to know why nothing happens.
    private static let patience: Int64 = 1000

    /// Sends a request.
    func send(
        _ method: Method, _ target: String, _ body: JSONValue? = nil, headers: [(String, String)] = []
    ) throws(CommandFailure) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        bytes += "\(method.rawValue) \(target) HTTP/1.1\r\nHost: localhost\r\n".utf8
        for (name, value) in headers {
            // A line break would make two fields of one.
            guard value.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
                throw CommandFailure("\(name) must be printable ASCII, not \(value.printable)")
            }
            bytes += "\(name): \(value)\r\n".utf8
        }
        var content: [UInt8] = []
        body?.write(into: &content)
        if body != nil { bytes += "Content-Type: application/json\r\n".utf8 }
        if method != .get { bytes += "Content-Length: \(content.count)\r\n".utf8 }
        bytes += "\r\n".utf8
        bytes += content
        do throws(KernelError) { try stream.send(bytes) } catch { throw AgentSocket.failure(error) }
    }

    /// Receives one piece of an answer. Returns false where none came until the deadline, a moment of
    /// ``SystemClock/uptime``; nil waits for ever.
    func receive(_ response: inout HTTPResponse, until deadline: Int64?) throws(CommandFailure) -> Bool {
        do {
            let piece = try stream.receive(atMost: 64 << 10, until: deadline)
            if piece.isEmpty { try response.close() } else { try response.receive(piece) }
            return true
        } catch let error as KernelError {
            if deadline != nil, error.saysTooSlow { return false }
            throw AgentSocket.failure(error)
        } catch {
            throw CommandFailure(
                "the answer of \(path) cannot be read: \(error)", hint: "is it berthd that listens there?")
        }
    }

    /// The document in a complete answer.
    /// - Throws: for a problem, and for what is no document
    static func document(
        _ response: inout HTTPResponse, as speech: CommandSpeech = CommandSpeech()
    ) throws(CommandFailure) -> JSONValue {
        let status = response.status ?? 0
        let document: JSONValue
        do throws(JSONParseError) {
            document = try JSONValue(parsing: response.takeBody(), limits: documentLimits)
        } catch {
            guard 200...299 ~= status else { throw CommandFailure("the agent answered with status \(status)") }
            throw CommandFailure("the agent's answer is no JSON: \(error)", hint: "is it berthd that listens there?")
        }
        guard 200...299 ~= status else { throw AgentProblem(document, status: status, speech: speech).failure }
        return document
    }
}
