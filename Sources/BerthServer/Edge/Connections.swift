internal import BerthAgent
internal import BerthCore
internal import BerthModel
internal import NIOCore

/// The connections of one event loop: looks after their deadlines, and ends them when the server stops.
///
/// One clock for all of them goes off when the soonest deadline has come, and looks at each; a timer for each would cost
/// two for every request. Where nothing is due for long the loop sleeps that long. Everything happens on the loop.
final class Connections {
    private let loop: any EventLoop
    private let clock: any BerthAgent.Clock
    private var handlers: [ObjectIdentifier: EdgeHandler] = [:]
    /// When the clock goes off next, and what does that.
    private var alarm: (at: NIODeadline, task: Scheduled<Void>)?
    private(set) var isDraining = false
    private var dated: (second: Int64, text: String) = (-1, "")

    /// How often deadlines are looked at, at the most, and so how late they may be kept.
    private static let interval = TimeAmount.milliseconds(250)

    init(_ loop: any EventLoop, clock: any BerthAgent.Clock) {
        self.loop = loop
        self.clock = clock
    }

    func add(_ handler: EdgeHandler) {
        handlers[ObjectIdentifier(handler)] = handler
        watch(handler.due)
    }

    func remove(_ handler: EdgeHandler) { handlers[ObjectIdentifier(handler)] = nil }

    /// The `Date` field of an answer.
    var date: String {
        let now = clock.now().wall
        let second = now.milliseconds / 1000
        if second != dated.second { dated = (second, HTTPDate.text(now)) }
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

    /// Has the clock go off for a deadline. Costs nothing where it goes off sooner anyway, as it does for all requests
    /// of a busy connection but the first.
    func watch(_ deadline: NIODeadline) {
        guard deadline < alarm?.at ?? .distantFuture else { return }
        // Many deadlines lie close together: they are looked at together.
        let at = max(deadline, .now() + Connections.interval)
        guard at < alarm?.at ?? .distantFuture else { return }
        alarm?.task.cancel()
        alarm = (at, loop.assumeIsolated().scheduleTask(deadline: at) { self.tick() })
    }

    private func tick() {
        alarm = nil
        let now = NIODeadline.now()
        for handler in handlers.values { handler.check(now) }
        if let soonest = handlers.values.lazy.map(\.due).min() { watch(soonest) }
    }
}
