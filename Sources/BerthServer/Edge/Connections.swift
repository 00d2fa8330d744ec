internal import BerthModel
internal import CLinux
internal import NIOCore

/// The connections of one event loop: looks after their deadlines, and ends them when the server stops.
///
/// One clock for all of them costs a glance at each every quarter of a second; a timer for each would cost two for every
/// request. Everything happens on the loop.
final class Connections {
    private let loop: any EventLoop
    private var handlers: [ObjectIdentifier: EdgeHandler] = [:]
    private var isTicking = false
    private(set) var isDraining = false
    private var dated: (second: Int64, text: String) = (-1, "")

    /// How often deadlines are looked at, and so how late they may be kept.
    private static let interval = TimeAmount.milliseconds(250)

    init(_ loop: any EventLoop) { self.loop = loop }

    func add(_ handler: EdgeHandler) {
        handlers[ObjectIdentifier(handler)] = handler
        tickLater()
    }

    func remove(_ handler: EdgeHandler) { handlers[ObjectIdentifier(handler)] = nil }

    /// The `Date` field of an answer.
    var date: String {
        let now = berth_wall_milliseconds()
        if now / 1000 != dated.second { dated = (now / 1000, HTTPDate.text(Timestamp(milliseconds: now))) }
        return dated.text
    }

    /// Lets each connection finish the request it is at, and no other.
    func drain() {
        isDraining = true
        for handler in handlers.values { handler.drain() }
    }

    /// Closes what is left.
    func close() {
        for handler in handlers.values { handler.close() }
    }

    private func tickLater() {
        guard !isTicking, !handlers.isEmpty else { return }
        isTicking = true
        loop.assumeIsolated().scheduleTask(in: Connections.interval) { self.tick() }
    }

    private func tick() {
        isTicking = false
        let now = NIODeadline.now()
        for handler in handlers.values { handler.check(now) }
        tickLater()
    }
}
