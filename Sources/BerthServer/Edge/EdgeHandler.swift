internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// The edge of the agent: stands between the parser and the calls, and keeps a client to its limits.
///
/// It closes what is idle, slow or stalled, answers what cannot be parsed, gives HTTP/1.0 and `Connection: close` what
/// they expect, keeps event streams alive, and lets a connection finish when the server stops. Everything happens on the
/// connection's event loop.
final class EdgeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    let limits: Limits
    let metrics: RequestMetrics
    private let connections: Connections
    let connection: Connection
    /// Why this connection is not served; nil while it is.
    private let refusal: Problem?

    var context: ChannelHandlerContext?
    var progress = RequestProgress()
    /// Bytes since the parser last made something of them.
    var unparsed = 0
    private var awaited = RequestProgress.Awaited.request
    var deadline: NIODeadline { didSet { connections.watch(deadline) } }
    /// The answer after which the connection is closed, counted from 1; nil while it stays open.
    var lastAnswer: Int?
    /// The request that came by HTTP/1.0, counted from 1.
    private var oldRequest: Int?
    /// Whether the last answer is out, and what still comes is thrown away.
    var isLingering = false
    /// Whether the request that is being read is on its way to a call.
    var isForwarded = false
    private var isInputClosed = false
    private var isStreaming = false
    private var lastWrite = NIODeadline.now()
    private var stalledSince: NIODeadline?

    init(
        _ connection: Connection, among connections: Connections, limits: Limits, metrics: RequestMetrics,
        refusal: Problem?
    ) {
        self.connection = connection
        self.connections = connections
        self.limits = limits
        self.metrics = metrics
        self.refusal = refusal
        deadline = .now() + (refusal == nil ? limits.idleTime : limits.lingerTime)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connections.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        context = nil
        connections.remove(self)
        connection.end()
    }

    var date: String { connections.date }
}

// MARK: - What comes in

extension EdgeHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unparsed = 0
        guard !isLingering else { return }
        if let lastAnswer, progress.begun >= lastAnswer, !progress.isInBody { return }
        switch unwrapInboundIn(data) {
        case .head(let head): read(head, context)
        case .body(let body): context.fireChannelRead(wrapInboundOut(.body(body)))
        case .end:
            progress.noteEnd()
            isForwarded = false
            settle()
            connection.noteWhole()
            context.fireChannelRead(wrapInboundOut(.end(nil)))
        }
    }

    private func read(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        progress.noteHead()
        settle()
        if head.version == .http1_0 || head.version == .http0_9 { oldRequest = progress.begun }
        // The parser stops where a protocol would be changed, so nothing more can be read.
        if !head.isKeepAlive || connections.isDraining || head.method == .CONNECT
            || head.headers.contains(name: "upgrade")
        {
            lastAnswer = progress.begun
        }
        if let refusal { return fail(refusal) }
        guard let request = HTTPRequest(head) else {
            return fail(Problem(.malformed, "the request's target is not a path, or its method is not one"))
        }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue", progress.unanswered == 1,
            (head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0) <= limits.bodyBytes
        {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        isForwarded = true
        context.fireChannelRead(wrapInboundOut(.head(request)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            isInputClosed = true
            if isLingering { return context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.fireErrorCaught(error) }
        if case .headerOverflow? = error as? HTTPParserError {
            return fail(
                Problem(.headTooLarge, "the first line and the header fields have more than \(limits.headBytes) bytes"))
        }
        fail(Problem(.malformed, "the request is not HTTP/1.1: \(error)"))
    }
}

// MARK: - What goes out

extension EdgeHandler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isLingering else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        lastWrite = .now()
        switch unwrapOutboundIn(data) {
        case .head(let response): context.write(wrapOutboundOut(.head(head(of: response))), promise: promise)
        case .body(let body): context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
        case .end:
            context.write(wrapOutboundOut(.end(nil)), promise: promise)
            isStreaming = false
            progress.noteAnswer()
            settle()
            if let lastAnswer, progress.answered >= lastAnswer { linger(context) }
        }
    }

    private func head(of response: HTTPResponse) -> HTTPResponseHead {
        let answer = progress.answered + 1
        if response.headerFields[.connection] == "close" { lastAnswer = answer }
        isStreaming = response.headerFields[.contentType] == EventStream.mediaType
        if isStreaming { connections.watch(due) }
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headerFields.count + 2)
        for field in response.headerFields where field.name != .connection {
            headers.add(name: field.name.rawName, value: field.value)
        }
        headers.add(name: "date", value: date)
        if lastAnswer == answer { headers.add(name: "connection", value: "close") }
        return HTTPResponseHead(
            version: oldRequest == answer ? .http1_0 : .http1_1, status: .init(statusCode: response.status.code),
            headers: headers)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output, isInputClosed else { return context.close(mode: mode, promise: promise) }
        // With the input closed too, this would close everything and lose what is not sent yet.
        let sent = context.eventLoop.makePromise(of: Void.self)
        let context = context.loopBound
        sent.futureResult.whenComplete { _ in context.value.close(promise: promise) }
        context.value.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: sent)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stalledSince = context.channel.isWritable ? nil : .now()
        connections.watch(due)
        context.fireChannelWritabilityChanged()
    }
}

// MARK: - Time

extension EdgeHandler {
    /// Sets the deadline of what is awaited now.
    func settle() {
        let awaited = progress.awaited
        guard awaited != self.awaited else { return }
        self.awaited = awaited
        guard refusal == nil else { return }
        switch awaited {
        case .request: deadline = .now() + limits.idleTime
        case .head: deadline = .now() + limits.headTime
        case .body: deadline = .now() + limits.bodyTime
        case .answer: deadline = .distantFuture
        }
    }

    /// When there is something to look for, at the soonest.
    var due: NIODeadline {
        if let stalledSince { return min(deadline, stalledSince + limits.writeTime) }
        return isStreaming ? min(deadline, lastWrite + limits.keepAliveTime) : deadline
    }

    /// Looks whether something has taken too long.
    func check(_ now: NIODeadline) {
        guard let context else { return }
        if let stalledSince, now - stalledSince >= limits.writeTime { return context.close(promise: nil) }
        if isStreaming, now - lastWrite >= limits.keepAliveTime, context.channel.isWritable {
            lastWrite = now
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(EventStream.keepAlive))), promise: nil)
        }
        guard now >= deadline else { return }
        guard !isLingering, refusal == nil else { return context.close(promise: nil) }
        switch awaited {
        case .answer: break
        case .request: context.close(promise: nil)
        case .head:
            fail(Problem(.timeout, "the header was not complete after \(limits.headTime.nanoseconds / 1_000_000) ms"))
        case .body:
            fail(Problem(.timeout, "the body was not complete after \(limits.bodyTime.nanoseconds / 1_000_000) ms"))
        }
    }

    /// The server stops: finishes what is begun, and takes nothing more.
    func drain() {
        guard let context, !isLingering else { return }
        guard progress.unanswered > 0 else { return context.close(promise: nil) }
        lastAnswer = min(lastAnswer ?? .max, progress.answered + 1)
        if isStreaming { connection.end() }
    }

    /// The server has waited long enough.
    func close() { context?.close(promise: nil) }
}
