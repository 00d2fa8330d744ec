internal import BerthJSON
internal import BerthKernel

/// The small process beside a program that says when its reservation ends under it, and ends with the reservation.
///
/// It is made before the program's process is attached, so it stays in the caller's own cgroup; nobody waits for it.
struct Watcher: ~Copyable {
    private let pipe: Pipe
    private let process: DetachedProcess

    /// Starts it; it waits for ``follow(_:)``, and ends where nothing comes.
    init(socket: String?) throws(KernelError) {
        let pipe = try Pipe()
        let program = try OwnProcess.descriptor()
        let (reading, watched) = (pipe.readingEnd, program.number)
        let socket = AgentSocket.absolutePath(socket)
        process = try DetachedProcess(named: "berth-watcher", keeping: [reading, watched]) {
            // Both ends of the pipe close when this process has become the program, or has ended.
            let id = String(decoding: Pipe.readAll(reading), as: UTF8.self)
            if !id.isEmpty, !id.hasSuffix(Watcher.never) { Watch(id: id, socket: socket, program: watched).run() }
        }
        self.pipe = pipe
    }

    private static let never = "!"

    /// Has it follow a reservation, from the moment at which this process becomes the program.
    func follow(_ id: String) {
        process.settle()
        pipe.write(Array(id.utf8))
    }

    /// Has it end: there is no program.
    func dismiss() { pipe.write(Array(Watcher.never.utf8)) }
}

/// What the watcher does.
private struct Watch {
    let id: String
    let socket: String?
    /// A descriptor of the program's process.
    let program: Int32

    /// Follows the reservation to its end. An agent that is started anew is found again.
    func run() {
        repeat {
            do throws(CommandFailure) {
                if try hasSeenEnd() { return }
            } catch {
                // The agent knows the reservation no more, or not this user; any other failure may pass.
                if let code = error.code, code != "unavailable" { return }
            }
            // Without an agent nobody says when the reservation ends; the program is its best sign.
        } while !OwnProcess.hasEnded(program, within: 1000)
    }

    /// Reads events until the reservation has ended or the stream has.
    private func hasSeenEnd() throws(CommandFailure) -> Bool {
        var feed = try EventFeed(socket, of: id)
        // What happened before the stream began stands in the document.
        var reservation = try look()
        while reservation["reason"]?.text == nil || !isTold(reservation) {
            guard case .events(let events) = try feed.next() else { return false }
            let isOver = events.contains { $0.name == "freed" }
            if isOver || events.contains(where: { $0.name == "ended" }) { reservation = try look() }
            if isOver { break }
        }
        report(reservation)
        return true
    }

    /// Whether the document of an ended reservation has what its line says. What was used is known when all is given back.
    private func isTold(_ reservation: JSONValue) -> Bool {
        reservation["reason"]?.text != "out_of_memory" || reservation["usage"]?["memory_peak_bytes"] != nil
    }

    /// The reservation's document.
    private func look() throws(CommandFailure) -> JSONValue {
        try AgentConnection(socket).call(.get, ReservationArgument.path(id), within: AgentConnection.readingTime)
    }

    private func report(_ reservation: JSONValue) {
        guard reservation["reason"]?.text != "last_process" else { return }
        Terminal.note("reservation \(id) has ended: \(EndingText.clause(of: reservation))".printable)
    }
}
