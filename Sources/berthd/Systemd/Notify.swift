internal import CSystemd
internal import Glibc

/// Tells systemd how the agent is doing: sd_notify(3). Does nothing where no systemd has asked for it.
enum Notify {
    /// Clients can connect.
    static func ready(_ status: String) { send("READY=1\n\(line(status))") }

    /// A reload has begun; ``ready(_:)`` ends it.
    static func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        // Which reload this is the end of, by its beginning; systemd 253 needs it for Type=notify-reload.
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    /// The agent is on its way out.
    static func stopping() { send("STOPPING=1\n\(line("stopping; reservations stay in the ledger"))") }

    /// The agent is alive.
    static func alive() { send("WATCHDOG=1") }

    /// A line break would begin another field.
    private static func line(_ status: String) -> String {
        "STATUS=" + status.map { $0.isNewline ? " " : String($0) }.joined()
    }

    /// Whoever does not hear it will not wait for it, so an error changes nothing.
    private static func send(_ state: String) { _ = sd_notify(0, state) }
}
