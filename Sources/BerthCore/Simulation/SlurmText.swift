internal import BerthModel

/// How Slurm writes times, amounts and lists of resources.
enum SlurmText {
    /// Seconds since 1970 of `2026-11-28T10:00:00`, taken as UTC: only differences count. Also seconds themselves, which
    /// `SLURM_TIME_FORMAT=%s` gives. Nil for anything else.
    static func seconds(_ text: Substring) -> Int64? {
        if let seconds = Int64(text) { return 0...(1 << 40) ~= seconds ? seconds : nil }
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2, let date = numbers(halves[0], "-", 3), let clock = numbers(halves[1], ":", 3),
            1970...9999 ~= date[0], 1...12 ~= date[1], date[2] >= 1, clock[0] < 24, clock[1] < 60, clock[2] < 61
        else { return nil }
        let day = days(date[0], date[1], date[2])
        // The thirtieth of February is none.
        guard day < (date[1] < 12 ? days(date[0], date[1] + 1, 1) : days(date[0] + 1, 1, 1)) else { return nil }
        return day * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// The same, or the words for no time: the inner nil.
    static func moment(_ text: Substring) -> Int64?? {
        if ["Unknown", "None", "N/A"].contains(text) { return .some(nil) }
        return seconds(text).map { $0 }
    }

    /// A time limit in seconds: `30:00`, `02:30:00`, `1-02:30:00`; the inner nil is for none.
    static func limit(_ text: Substring) -> Int64?? {
        if ["UNLIMITED", "Partition_Limit", "N/A", "INVALID"].contains(text) { return .some(nil) }
        let halves = text.split(separator: "-", omittingEmptySubsequences: false)
        guard halves.count <= 2, let clock = halves.last else { return nil }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false).count
        guard 2...3 ~= parts, let times = numbers(clock, ":", parts) else { return nil }
        var days: Int64 = 0
        if halves.count == 2 {
            guard let number = numbers(halves[0], "-", 1) else { return nil }
            days = number[0]
        }
        guard days < 1 << 20 else { return nil }
        return times.reduce(0) { $0 * 60 + $1 } + days * 86_400
    }

    /// A time limit in minutes as a bare number, in seconds; the inner nil is for none.
    static func minutes(_ text: Substring) -> Int64?? {
        guard let minutes = natural(text) else { return limit(text) }
        return minutes < 1 << 32 ? .some(minutes * 60) : nil
    }

    /// An amount of memory, for the job or for each of its CPUs or nodes.
    struct Memory: Equatable {
        var bytes: Int64
        var isPerCPU = false
        var isPerNode = false

        /// All of it; what no quantity holds is the largest that one does.
        func bytes(cpus: Int64, nodes: Int64) -> Int64 {
            let (product, overflow) = bytes.multipliedReportingOverflow(
                by: max(1, isPerCPU ? cpus : isPerNode ? nodes : 1))
            return overflow ? Quantity.largest.units : min(product, Quantity.largest.units)
        }
    }

    /// `4G`, `4000M`, `4Gc`, `1.50Gn`; a bare number is MiB, as sacct(1) has it.
    static func memory(_ text: Substring) -> Memory? {
        var text = text
        var memory = Memory(bytes: 0)
        if text.hasSuffix("c") { memory.isPerCPU = true }
        if text.hasSuffix("n") { memory.isPerNode = true }
        if memory.isPerCPU || memory.isPerNode { text.removeLast() }
        guard let bytes = amount(text) else { return nil }
        memory.bytes = bytes
        return memory
    }

    /// What a list of trackable resources tells of a job.
    struct Resources: Equatable {
        var cpus: Int64?
        var memory: Int64?
        var gpus: Int64?
        var nodes: Int64?
    }

    /// `billing=4,cpu=4,gres/gpu=2,gres/gpu:a100=2,mem=16G,node=1`; GPUs by type count only where none are without.
    static func resources(_ text: Substring) -> Resources? {
        var resources = Resources()
        var typed: Int64?
        for part in text.split(separator: ",") {
            guard let sign = part.firstIndex(of: "=") else { return nil }
            let name = part[..<sign]
            let value = part[part.index(after: sign)...]
            if name == "mem" {
                guard let bytes = amount(value) else { return nil }
                resources.memory = bytes
                continue
            }
            guard ["cpu", "node", "gres/gpu"].contains(name) || name.hasPrefix("gres/gpu:") else { continue }
            guard let number = Int64(value), 0...(1 << 24) ~= number else { return nil }
            switch name {
            case "cpu": resources.cpus = number
            case "node": resources.nodes = number
            case "gres/gpu": resources.gpus = number
            default: typed = (typed ?? 0) + number
            }
        }
        resources.gpus = resources.gpus ?? typed
        return resources
    }

    /// The GPUs in a list of generic resources, `gpu:2,mic:1` or `gres:gpu:a100:2`; of one without a number there is one.
    static func gpus(_ text: Substring) -> Int64? {
        var sum: Int64 = 0
        for part in text.split(separator: ",") {
            var words = part.prefix { $0 != "(" }.split(separator: ":", omittingEmptySubsequences: false)[...]
            if words.first == "gres" { words.removeFirst() }
            guard words.first == "gpu" else { continue }
            let last = words.count > 1 ? words.last.flatMap { natural($0) } : 1
            guard let number = last ?? (words.count == 2 ? 1 : nil), number <= 1 << 24 else { return nil }
            sum += number
        }
        return sum <= 1 << 24 ? sum : nil
    }

    /// A number of bytes written with a letter for a power of 1024, and perhaps decimals.
    private static func amount(_ text: Substring) -> Int64? {
        let letters = ["K": 10, "M": 20, "G": 30, "T": 40, "P": 50]
        var digits = text
        var shift = 20
        if let last = text.last, let known = letters[last.uppercased()] {
            shift = known
            digits = text.dropLast()
        }
        let halves = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = halves.first.flatMap(natural), whole < 1 << (53 - shift) else { return nil }
        guard halves.count == 2 else { return whole << Int64(shift) }
        guard halves[1].utf8.count <= 6, let part = natural(halves[1]) else { return nil }
        var scale: Int64 = 1
        for _ in halves[1].utf8 { scale *= 10 }
        // A part below a millionth is less than 2^20, and so keeps within 64 bits.
        let low = min(shift, 40)
        return whole << Int64(shift) + (((part << Int64(low)) / scale) << Int64(shift - low))
    }

    /// A key, without the star that marks a user's standard one: sacct(1), WCKey.
    static func key(_ text: Substring) -> String { String(text.first == "*" ? text.dropFirst() : text) }

    private static func natural(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return Int64(text)
    }

    private static func numbers(_ text: Substring, _ separator: Character, _ count: Int) -> [Int64]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count else { return nil }
        var numbers: [Int64] = []
        for part in parts {
            guard part.utf8.count <= 9, let number = natural(part) else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
