internal import NIOCore

/// Sees a connection's bytes before they are parsed: when a request begins, and that it does not go on for ever without
/// becoming one, as an endless run of empty lines or a chunk's endless extension would.
final class ByteGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let edge: EdgeHandler

    init(_ edge: EdgeHandler) { self.edge = edge }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        edge.noteBytes(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
        edge.noteParsed()
    }
}
