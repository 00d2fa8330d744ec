internal import ArgumentParser
internal import BerthJSON
internal import BerthKernel

/// `berth events`: what happens, and what happened.
struct EventsCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happens to reservations and to the host.",
        discussion: """
            Shows events as they happen, and before them those after --since. Events have numbers without gaps; you see \
            those of your own reservations and of the host. An agent that is started anew is found again.

            EXAMPLES
              berth events                       from now on
              berth events --since 0 --once      all that is kept, then end
              berth events --json | jq -c .data  one document a line
            """)

    /// How long to go on.
    enum Mode: String, EnumerableFlag {
        case follow
        case once

        static func help(for value: Mode) -> ArgumentHelp? {
            switch value {
            case .follow: "Go on with what happens."
            case .once: "End when everything that has happened is shown; without --since from the oldest event kept."
            }
        }
    }

    @Option(help: ArgumentHelp("Begin after the event of this number.", valueName: "id"))
    var since: Int64?

    @Option(
        help: ArgumentHelp("Only what is about this reservation.", valueName: "id"),
        completion: ReservationArgument.completion)
    var reservation: String?

    @Flag(exclusivity: .exclusive)
    var mode: Mode = .follow

    @OptionGroup var agent: AgentOptions

    /// How often to look for an agent that is gone, once a second.
    private static let tries = 60

    func run() throws {
        switch mode {
        case .follow: try follow()
        case .once: try once()
        }
    }

    private func once() throws(CommandFailure) {
        let health = try AgentConnection(agent.socket).call(.get, "/v1/health", within: AgentConnection.readingTime)
        let end = health["last_event"]?.integer ?? 0
        var feed = try open(after: since ?? 0)
        // The last event may be one that this user does not see: what comes before it comes at once.
        while true {
            guard case .events(let events) = try feed.next(until: SystemClock.uptime + 1000) else { return }
            for event in events where event.id <= end { show(event) }
            if let last = events.last, last.id >= end { return }
        }
    }

    /// Opens the stream after an event. 0 means the oldest event that is kept, whatever its number.
    private func open(after last: Int64) throws(CommandFailure) -> EventFeed {
        do throws(CommandFailure) {
            return try EventFeed(agent.socket, after: last, of: reservation)
        } catch {
            guard last == 0, error.code == "compacted", let oldest = error.document?["oldest"]?.integer else {
                throw error
            }
            return try EventFeed(agent.socket, after: oldest, of: reservation)
        }
    }

    private func follow() throws(CommandFailure) {
        var feed = since == 0 ? try open(after: 0) : try EventFeed(agent.socket, after: since, of: reservation)
        var last = since
        while true {
            let epoch = feed.epoch
            var reason: CommandFailure?
            do throws(CommandFailure) {
                while case .events(let events) = try feed.next() {
                    for event in events { show(event) }
                    last = events.last?.id ?? last
                }
            } catch {
                reason = error
            }
            Terminal.note("the stream has ended\(reason.map { ": \($0.message)" } ?? ""); looking for the agent")
            feed = try again(after: last, epoch: epoch)
        }
    }

    private func again(after last: Int64?, epoch: String?) throws(CommandFailure) -> EventFeed {
        var failure = CommandFailure("the agent is gone")
        for _ in 0..<EventsCommand.tries {
            SystemClock.pause(milliseconds: 1000)
            do throws(CommandFailure) {
                return try EventFeed(agent.socket, after: last, epoch: last == nil ? nil : epoch, of: reservation)
            } catch {
                // A refusal stands; an agent that is not there yet, or not ready, may come.
                if let code = error.code, code != "unavailable" { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func show(_ event: StreamedEvent) {
        Terminal.print(agent.json ? "\(event.json)\n" : EventText.line(event))
    }
}
