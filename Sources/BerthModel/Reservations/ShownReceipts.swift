/// What receipts are worth while processes live outside of the leaf that they are about.
extension Reservation {
    /// The receipts as they are shown. ``receipts`` say what the leaf holds, whoever is in it. While an attached process
    /// lives outside of it, what is enforced there is advisory for the reservation as a whole; when it has ended or is
    /// back, the receipts are by themselves what they were.
    public var shownReceipts: [Receipt] {
        guard let first = left.first else { return receipts }
        let doubt =
            left.count == 1
            ? "process \(first.pid) is outside of the reservation's cgroup: what it uses is not held"
            : "process \(first.pid) and \(left.count - 1) more are outside of the reservation's cgroup: what they use is "
                + "not held"
        return receipts.map { $0.doubted(for: doubt) }
    }
}

extension Receipt {
    /// The receipt with one more reason why a program can exceed it. What nothing holds cannot be held less.
    fileprivate func doubted(for doubt: String) -> Receipt {
        guard status != .unsupported else { return self }
        var doubted = self
        doubted.status = .advisory
        doubted.reason = reason.map { "\($0); \(doubt)" } ?? doubt
        return doubted
    }
}
