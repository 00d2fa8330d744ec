internal import BerthModel

/// A ceiling on CPU time, as `cpu.max` or the two files of version 1 hold it.
struct CPUQuota: Equatable {
    /// Thousandths of a CPU, rounded down: what is promised must be there. nil is no ceiling.
    let millicores: Int?

    /// Reads `50000 100000` or `max 100000`: microseconds of CPU time in each period.
    init(parsing text: String) throws(ParseError) {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2, let period = Int(fields[1]), period > 0 else {
            throw ParseError(text, expected: "a quota and a period in microseconds")
        }
        guard fields[0] != "max" else {
            millicores = nil
            return
        }
        guard let quota = Int(fields[0]), let millicores = CPUQuota.millicores(quota: quota, period: period) else {
            throw ParseError(text, expected: "\"max\" or a positive quota in microseconds")
        }
        self.millicores = millicores
    }

    /// Reads `cpu.cfs_quota_us`, where -1 is no ceiling, and `cpu.cfs_period_us`.
    init(quota: Int, period: Int) throws(ParseError) {
        guard quota != -1 else {
            millicores = nil
            return
        }
        guard let millicores = CPUQuota.millicores(quota: quota, period: period) else {
            throw ParseError("\(quota) \(period)", expected: "a positive quota and period in microseconds")
        }
        self.millicores = millicores
    }

    private static func millicores(quota: Int, period: Int) -> Int? {
        let (product, overflow) = quota.multipliedReportingOverflow(by: 1000)
        return quota > 0 && period > 0 && !overflow ? product / period : nil
    }
}

extension CPUQuota {
    /// The smallest of all CPUs that are left and of every ancestor's quota; of equal quotas the outermost.
    static func bound(
        _ trees: CgroupTrees, _ reader: HostReader, cpus: Host.Limits.Bound<CPUSet>?
    ) -> Host.Limits.Bound<Int>? {
        var smallest: Host.Limits.Bound<Int>?
        for folder in trees.all("cpu") {
            guard let (file, quota) = read(folder, reader), let millicores = quota.millicores else { continue }
            if smallest.map({ millicores <= $0.value }) ?? true {
                smallest = Host.Limits.Bound(millicores, by: "/\(file)")
            }
        }
        let all = cpus.map { Host.Limits.Bound($0.value.count * 1000, by: $0.by) }
        guard let all, let smallest else { return smallest ?? all }
        return smallest.value < all.value ? smallest : all
    }

    private static func read(_ folder: String, _ reader: HostReader) -> (String, CPUQuota)? {
        let file = "\(folder)/cpu.max"
        let oldFile = "\(folder)/cpu.cfs_quota_us"
        do throws(ParseError) {
            if let text = reader.text(file), !text.isEmpty { return (file, try CPUQuota(parsing: text)) }
            guard let quota = reader.integer(oldFile), let period = reader.integer("\(folder)/cpu.cfs_period_us") else {
                return nil
            }
            return (oldFile, try CPUQuota(quota: quota, period: period))
        } catch {
            reader.noteWrong(folder, error)
            return nil
        }
    }
}
