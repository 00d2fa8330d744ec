internal import BerthModel

/// Rows of what `sacct -P` prints (Slurm's sacct(1)): one a job, and one a step of it, which is left out.
extension TraceBuilder {
    static let slurmColumns = ["JobID", "Submit", "Start", "End"]

    /// - Throws: where no column tells the CPUs or the memory of a job
    static func requireSlurmAmounts(_ columns: TraceColumns, line: Int) throws(TraceError) {
        let tables = ["ReqTRES", "AllocTRES"]
        if tables.contains(where: { columns[$0] != nil }) { return }
        if !["ReqCPUS", "AllocCPUS", "NCPUS"].contains(where: { columns[$0] != nil }) {
            try columns.require(["ReqCPUS"], line: line)
        }
        try columns.require(["ReqMem"], line: line)
    }

    /// What was asked counts, and what was given where nothing tells what was asked.
    mutating func slurm(_ row: TraceRow) throws(TraceError) -> Row? {
        guard let id = row.text("JobID") else { throw TraceError(line: row.line, column: "JobID", "is empty") }
        guard !id.contains(".") else { return nil }
        let time = "a time such as 2026-11-28T10:00:00, or seconds since 1970"
        guard let submitted = try row.value("Submit", expected: "\(time), or Unknown", SlurmText.moment) ?? nil else {
            note("jobs have no time of submission, and are left out")
            return nil
        }
        // What never ran has no start; what runs has no end.
        var started = try row.value("Start", expected: "\(time), or None", SlurmText.moment) ?? nil
        let ended = try row.value("End", expected: "\(time), or Unknown", SlurmText.moment) ?? nil
        if let began = started, let ended, ended < began {
            // Local time goes back when summer time ends: by how much it is off is not known.
            guard began - ended <= 3600, row.text("End")?.contains("T") == true else {
                throw row.invalid("End", row.text("End") ?? "", expected: "at or after Start")
            }
            note(
                "jobs end before they start, as over the end of summer time, and are left out: TZ=UTC sacct tells more")
            return nil
        }
        if started == ended, row.text("State")?.hasPrefix("CANCELLED") == true { started = nil }
        var limit = try row.value(
            "TimelimitRaw", expected: "a whole number of minutes, or UNLIMITED", SlurmText.minutes)
        if limit == nil {
            limit = try row.value("Timelimit", expected: "a time such as 1-02:30:00, or UNLIMITED", SlurmText.limit)
        }
        let shape: TaskShape
        do throws(TraceError) { shape = try slurmShape(row) } catch {
            // What has not run was given nothing, and may say nothing of what it asks.
            guard started == nil else { throw error }
            note("jobs never ran and say no amounts, and are left out")
            return nil
        }
        return Row(
            name: String(row.text("JobName") ?? id), user: String(row.text("User") ?? "unknown"), submitted: submitted,
            started: started, ended: started == nil ? nil : ended, limit: limit ?? nil,
            priority: (try row.number("Priority", atMost: 1 << 32, of: "points")).map { Int($0) },
            group: (row.text("Group") ?? row.text("Account")).map { String($0) },
            queue: row.text("Partition").map { String($0) }, workflow: row.text("WCKey").map(SlurmText.key),
            shape: shape)
    }

    private func slurmShape(_ row: TraceRow) throws(TraceError) -> TaskShape {
        var cpus: Int64?
        var memory: Int64?
        var gpus: Int64?
        var nodes: Int64?
        for column in ["ReqTRES", "AllocTRES"] {
            let table = try row.value(
                column, expected: "a list such as cpu=4,mem=16G,node=1,gres/gpu=1", SlurmText.resources)
            cpus = cpus ?? table?.cpus
            memory = memory ?? table?.memory
            gpus = gpus ?? table?.gpus
            nodes = nodes ?? table?.nodes
        }
        for column in ["ReqCPUS", "AllocCPUS", "NCPUS"] where (cpus ?? 0) == 0 {
            cpus = try row.number(column, atMost: 1 << 24, of: "CPUs") ?? cpus
        }
        if nodes == nil { nodes = try row.number("NNodes", atMost: 1 << 24, of: "nodes") }
        // Before Slurm 20.11: what was given in all, and what was asked for of each node.
        for (column, times) in [("AllocGRES", 1), ("ReqGRES", max(nodes ?? 1, 1))] where gpus == nil {
            let each = try row.value(column, expected: "a list such as gpu:2 or gpu:a100:2", SlurmText.gpus)
            gpus = each.map { min($0 * times, 1 << 24) }
        }
        if memory == nil {
            let asked = try row.value(
                "ReqMem", expected: "an amount such as 4G, or 4Gc for each CPU", SlurmText.memory)
            memory = asked?.bytes(cpus: cpus ?? 1, nodes: nodes ?? 1)
        }
        guard let cpus else {
            throw TraceError(line: row.line, column: "ReqCPUS", "is empty, and no other column tells the CPUs")
        }
        return TaskShape(cpu: Quantity(cpus * 1000), memory: Quantity(memory ?? 0), gpus: Int(gpus ?? 0))
    }
}
