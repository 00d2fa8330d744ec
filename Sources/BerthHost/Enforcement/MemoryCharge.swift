internal import BerthKernel
internal import BerthModel
internal import Glibc

/// Memory that a reservation's processes have and its leaf does not hold: the kernel charges memory to the group in which
/// it was touched first, and it stays there.
struct MemoryCharge {
    /// How much, in bytes.
    var bytes: Int64 = 0
    /// Whether a process is never killed for its memory (`oom_score_adj` of -1000, proc_pid_oom_score_adj(5)).
    var isExempt = false

    /// So much is not worth a word: a program that is about to become another one has it.
    private static let small: Int64 = 8 << 20

    init(bytes: Int64 = 0, isExempt: Bool = false) {
        self.bytes = bytes
        self.isExempt = isExempt
    }

    /// What a process has that is not in its leaf yet: `RssAnon` and `RssShmem` of `/proc/PID/status`.
    /// - Throws: ESRCH where it has ended
    init(of pid: Int32, on live: Root) throws(KernelError) {
        let status: String
        let exemption: String
        do throws(KernelError) {
            status = try live.text("proc/\(pid)/status")
            exemption = try live.text("proc/\(pid)/oom_score_adj")
        } catch {
            throw error.code == ENOENT ? KernelError("open process", "\(pid)", code: ESRCH) : error
        }
        for line in status.split(separator: "\n") {
            guard line.hasPrefix("RssAnon:") || line.hasPrefix("RssShmem:") else { continue }
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 3, let kibibytes = Int64(fields[1]), 0..<(1 << 42) ~= kibibytes else { continue }
            bytes += kibibytes * 1024
        }
        isExempt = exemption.trimmed == "-1000"
    }

    /// The receipt with what it cannot vouch for.
    func noted(in receipt: Receipt) -> Receipt {
        guard receipt.type == .memory, receipt.status != .unsupported else { return receipt }
        var noted = receipt
        if bytes > MemoryCharge.small {
            noted.chargedElsewhere = (receipt.chargedElsewhere ?? 0) + bytes
            noted.status = .advisory
            noted.reason = "memory that processes had before they came stays charged to where they came from"
        }
        if isExempt {
            noted.status = .advisory
            noted.reason =
                "an attached process is exempt from the out-of-memory killer (oom_score_adj -1000): it is never killed "
                + "at the limit"
        }
        return noted
    }
}
