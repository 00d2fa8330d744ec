internal import BerthJSON
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// What a call answers, before it is a response to a method.
struct Reply: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ResponseBody

    /// Bytes of some media type.
    init(type: String, bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.status = status
        headers = [.contentType: type]
        body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }

    /// A document.
    init(_ json: JSONValue, status: HTTPResponse.Status = .ok) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2048)
        json.write(into: &bytes)
        self.init(type: "application/json", bytes: bytes, status: status)
    }

    /// What went wrong.
    init(_ problem: Problem) {
        self.init(
            type: Problem.mediaType, bytes: problem.bytes, status: HTTPResponse.Status(code: problem.code.status))
        headers[.retryAfter] = problem.retryAfter.map(String.init)
        headers[.allow] = problem.allow
    }

    /// Whether it is sent as long as the client listens.
    var isStream: Bool { body.contentLength == nil }

    /// A stream of events.
    init(_ stream: EventStream) {
        status = .ok
        headers = [.contentType: EventStream.mediaType, .cacheControl: "no-store"]
        if let epoch = EventStream.epochName { headers[epoch] = stream.epoch }
        body = ResponseBody { writer in try await stream.write(to: &writer) }
    }

    /// The response for a method: to HEAD everything but the body.
    func response(to method: HTTPRequest.Method) -> Response {
        var response = Response(status: status, headers: headers, body: body)
        if method == .head { response = response.createHeadResponse() }
        return response
    }
}
