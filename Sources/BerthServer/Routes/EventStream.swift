internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

/// Events as a client reads them: server-sent events of the HTML standard, section 9.2.
///
/// The stream asks the agent for more when the client has taken what there was, so nothing is kept for a slow client and
/// nothing is lost to it.
struct EventStream: Sendable {
    static let mediaType = "text/event-stream"
    /// A comment, which clients pass over.
    static let keepAlive = ByteBuffer(string: ": keep-alive\n\n")
    /// The header field with the number of the ledger; nil never, for its name is one.
    static let epochName = HTTPField.Name("Berth-Epoch")

    let agent: Agent
    let connection: Connection
    let metrics: RequestMetrics
    /// Only events about this reservation; nil is all.
    let reservation: ReservationID?
    let epoch: String
    /// The last event that the client has, or need not have.
    private var last: Int64
    private var waiting: [Event] = []

    private typealias Batch = Result<(events: [Event], last: Int64), AgentError>

    /// How long the first look may take. Where it ends without an event the stream begins all the same.
    private static let patience = TimeAmount.milliseconds(250)

    /// Begins after an event; nil is the latest. Throws where the events after it are not kept.
    init(
        after id: Int64?, epoch: String?, of reservation: ReservationID?, api: API, connection: Connection
    ) async throws(Problem) {
        agent = api.agent
        metrics = api.metrics
        self.connection = connection
        self.reservation = reservation
        let position = await agent.position()
        self.epoch = position.epoch
        last = id ?? position.lastEvent
        // No event has a number below 0, so the agent answers with the oldest that it has.
        if let epoch, epoch != position.epoch { last = -1 }
        let first = await next(atMost: EventStream.patience)
        do throws(AgentError) { (waiting, last) = try first.get() } catch { throw Problem(error) }
    }

    private func next(atMost time: TimeAmount?) async -> Batch {
        await connection.wait(atMost: time) { [agent, last, peer = connection.peer] in
            do throws(AgentError) {
                return .success(try await agent.events(after: last, for: peer))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Sends events until the client or the server goes.
    @concurrent
    func write(to writer: inout any ResponseBodyWriter) async throws {
        metrics.streams.add(1, ordering: .relaxed)
        defer { metrics.streams.subtract(1, ordering: .relaxed) }
        try await writer.write(ByteBuffer(string: ": berth\n\n"))
        var stream = self
        while true {
            if let text = stream.text() { try await writer.write(text) }
            guard !connection.isOver, case .success(let batch) = await stream.next(atMost: nil) else { break }
            (stream.waiting, stream.last) = batch
        }
        try await writer.finish(nil)
    }

    /// What waits to be sent, as it is sent; nil for nothing.
    private func text() -> ByteBuffer? {
        var bytes: [UInt8] = []
        for event in waiting where reservation == nil || event.reservation == reservation {
            bytes += "id: \(event.id)\nevent: \(event.name)\ndata: ".utf8
            event.json.write(into: &bytes)
            bytes += "\n\n".utf8
        }
        return bytes.isEmpty ? nil : ByteBuffer(bytes: bytes)
    }
}

extension API {
    /// `GET /v1/events`
    func events(_ call: Call) async throws(Problem) -> Reply {
        let reservation = try call.query["reservation"].map { (text) throws(Problem) in
            guard let id = ReservationID(text) else {
                throw Problem(
                    .invalid, "\(JSONValue.string(text).excerpt) is no reservation id", parameter: "reservation",
                    expected: "the 12 characters of an id")
            }
            return id
        }
        return Reply(
            try await EventStream(
                after: try API.lastEvent(call), epoch: call.query["epoch"], of: reservation, api: self,
                connection: call.connection))
    }

    /// Where the client goes on. A client that lost its connection sends `Last-Event-ID` beside the target of its first
    /// request, so the header field counts.
    private static func lastEvent(_ call: Call) throws(Problem) -> Int64? {
        let header = HTTPField.Name.lastEventID.flatMap { call.headers[$0] }
        guard let text = header ?? call.query["since"] else { return nil }
        guard let id = Int64(text), id >= 0 else {
            throw Problem(
                .invalid, "\(JSONValue.string(text).excerpt) is no event id",
                parameter: header == nil ? "since" : "Last-Event-ID", expected: "a whole number of at least 0")
        }
        return id
    }
}
