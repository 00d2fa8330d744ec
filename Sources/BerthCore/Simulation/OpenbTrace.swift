internal import BerthModel

/// Rows of the openb trace: github.com/hkust-adsl/kubernetes-scheduler-simulator, `data/csv/openb_pod_list_*.csv`.
extension TraceBuilder {
    static let openbColumns = ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time"]

    private static let latest: Int64 = 1 << 40

    /// It names no users: its classes of service stand for them, as far as the file has them.
    mutating func openb(_ row: TraceRow) throws(TraceError) -> Row? {
        let gpus = try row.required("num_gpu", atMost: 1024, of: "GPUs")
        let share = try row.required("gpu_milli", atMost: 1000, of: "thousandths of a GPU")
        let shares = gpus == 0 ? 0...1000 : gpus == 1 ? 1...1000 : 1000...1000 as ClosedRange<Int64>
        guard shares.contains(share) else {
            let expected = gpus == 1 ? "1 to 1000, a share of one GPU" : "1000, for parts are of one GPU only"
            throw row.invalid("gpu_milli", "\(share)", expected: expected)
        }
        let shape = TaskShape(
            cpu: Quantity(try row.required("cpu_milli", atMost: 1 << 32, of: "thousandths of a CPU")),
            memory: Quantity(try row.required("memory_mib", atMost: 1 << 32, of: "MiB") << 20), gpus: Int(gpus),
            share: Quantity(share))
        let created = try row.required("creation_time", atMost: TraceBuilder.latest, of: "seconds")
        let started = try row.number("scheduled_time", atMost: TraceBuilder.latest, of: "seconds")
        let ended = try row.number("deletion_time", atMost: TraceBuilder.latest, of: "seconds")
        if let started, let ended, ended < started {
            throw row.invalid("deletion_time", "\(ended)", expected: "at or after scheduled_time, \(started)")
        }
        if row.text("gpu_spec") != nil { note("tasks name types of GPU, and get any") }
        return Row(
            name: String(row.text("name") ?? "task \(row.line)"), user: String(row.text("qos") ?? "all"),
            submitted: created, started: started, ended: ended, shape: shape)
    }
}
