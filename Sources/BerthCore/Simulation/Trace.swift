package import BerthModel

/// One task of a trace.
package struct TracedTask: Hashable, Sendable {
    /// What the trace calls it.
    package var name: String
    /// Whose it is, as an index of ``Trace/users``.
    package var user: Int
    /// When it was asked for, in milliseconds after the first of the trace.
    package var arrival: Int64
    /// How long it ran, in milliseconds; nil where it never did.
    package var duration: Int64?
    /// How long it might have run as its user declared, in milliseconds; nil where nothing was declared.
    package var limit: Int64?
    /// Its priority; nil where the trace tells none.
    package var priority: Int?
    /// The group that it counts for; nil where the trace tells none.
    package var group: String?
    /// The queue that it was sent to, or several that would do with commas between them; nil where the trace tells none.
    package var queue: String?
    /// The workflow that it was a part of; nil where the trace tells none.
    package var workflow: String?
    /// What it asks for.
    package var shape: TaskShape
}

/// Tasks that ran somewhere once, in the order in which they were asked for.
package struct Trace: Hashable, Sendable {
    /// The tasks, by arrival.
    package var tasks: [TracedTask]
    /// The names of the users.
    package var users: [String]
    /// What of the file was left out, each a sentence.
    package var notes: [String]
    /// When the first was asked for, as far as the file tells: hours are counted from Monday on.
    package var start = Timestamp(milliseconds: 0)

    package init(tasks: [TracedTask], users: [String], notes: [String]) {
        self.tasks = tasks
        self.users = users
        self.notes = notes
    }

    /// Those tasks that a mix has, and that were asked for in a part of the time, in milliseconds after the first.
    package func selecting(_ mix: TaskMix, from: Int64 = 0, until: Int64 = .max) -> Trace {
        var trace = self
        trace.tasks = tasks.filter { mix.contains($0.shape) && $0.arrival >= from && $0.arrival < until }
        return trace
    }
}

/// Puts a trace together from its rows, in which tasks come in any order.
struct TraceBuilder: Sendable {
    private var rows: [Row] = []
    /// Whose each row is, as an index of the users.
    private var owners: [Int] = []
    private var users: [String] = []
    private var indices: [String: Int] = [:]
    private var last = Int64.min
    var notes: [String: Int] = [:]

    /// One task as a file tells it. Times are in seconds from any beginning.
    struct Row: Sendable {
        var name: String
        var user: String
        var submitted: Int64
        /// When it began; nil where it never did.
        var started: Int64?
        /// When it ended; nil while it runs.
        var ended: Int64?
        var limit: Int64?
        var priority: Int?
        var group: String?
        var queue: String?
        var workflow: String?
        var shape: TaskShape
    }

    var count: Int { rows.count }

    mutating func add(_ row: Row) {
        let owner = indices[row.user] ?? users.count
        if owner == users.count {
            users.append(row.user)
            indices[row.user] = owner
        }
        owners.append(owner)
        for time in [row.submitted, row.started, row.ended] { last = max(last, time ?? last) }
        rows.append(row)
    }

    mutating func note(_ what: String) { notes[what, default: 0] += 1 }

    /// The trace. What still ran when it was taken ran until the last moment that the file knows.
    func trace() -> Trace {
        let first = rows.lazy.map(\.submitted).min() ?? 0
        let tasks = rows.enumerated().map { place, row in
            let ran = row.started.map { max(0, (row.ended ?? last) - $0) * 1000 }
            let task = TracedTask(
                name: row.name, user: owners[place], arrival: (row.submitted - first) * 1000, duration: ran,
                limit: row.limit.map { $0 * 1000 }, priority: row.priority, group: row.group, queue: row.queue,
                workflow: row.workflow, shape: row.shape)
            return (place: place, task: task)
        }
        let ordered = tasks.sorted { ($0.task.arrival, $0.place) < ($1.task.arrival, $1.place) }
        let notes = notes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        var trace = Trace(tasks: ordered.map(\.task), users: users, notes: notes)
        if first > 0 { trace.start = Timestamp(milliseconds: 0) + .seconds(first) }
        return trace
    }
}
