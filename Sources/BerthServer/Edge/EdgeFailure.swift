internal import NIOCore
internal import NIOHTTP1

/// What the edge answers itself: requests that never become a call.
extension EdgeHandler {
    /// The body of a request broke off: what was read of it must not be acted on.
    struct Broken: Error {}

    /// So many bytes came, not parsed yet.
    func noteBytes(_ count: Int) {
        guard !isLingering else { return }
        unparsed += count
        progress.noteBytes()
        settle()
    }

    /// The parser has seen all bytes. What it makes nothing of is bounded too.
    func noteParsed() {
        guard unparsed > 2 * limits.headBytes, !isLingering else { return }
        fail(Problem(.malformed, "more than \(unparsed) bytes are no part of a request"))
    }

    /// Answers with a problem where that is still possible, and closes the connection.
    func fail(_ problem: Problem) {
        guard let context, !isLingering else { return }
        // Answers go in the order of the requests: a problem may only follow when no other answer is owed.
        guard progress.unanswered <= (progress.isInBody ? 1 : 0) else {
            if progress.isInBody { return context.close(promise: nil) }
            lastAnswer = progress.begun
            return
        }
        let wasForwarded = isForwarded
        send(problem, context)
        linger(context)
        if wasForwarded { context.fireErrorCaught(Broken()) }
    }

    private func send(_ problem: Problem, _ context: ChannelHandlerContext) {
        metrics.count(nil, .other, problem.code.status)
        let bytes = problem.bytes
        var headers: HTTPHeaders = [
            "content-type": Problem.mediaType, "content-length": "\(bytes.count)", "date": date, "connection": "close",
        ]
        if let seconds = problem.retryAfter { headers.add(name: "retry-after", value: "\(seconds)") }
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: problem.code.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// The last answer is out. A client that is still sending would get a broken pipe instead of it, so what it sends is
    /// read and thrown away for a moment.
    func linger(_ context: ChannelHandlerContext) {
        isLingering = true
        connection.end()
        deadline = .now() + limits.lingerTime
        context.flush()
        close(context: context, mode: .output, promise: nil)
    }
}
