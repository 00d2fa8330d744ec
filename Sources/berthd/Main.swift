internal import ArgumentParser
internal import BerthCore
internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// Where the program begins.
@main
enum Main {
    static func main() async {
        // A log that nobody reads any more is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        do throws(Capabilities.Failure) {
            try Capabilities.drop()
        } catch {
            JournalLine.complain("\(error)")
            exit(EXIT_FAILURE)
        }
        await Berthd.main()
    }
}

/// The agent: one daemon per host.
struct Berthd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berthd",
        abstract: "The agent that arbitrates the resources of this host.",
        discussion: """
            Finds out what the host has, takes reservation requests over a Unix socket, grants them exactly and keeps
            them in a ledger that survives any crash. Runs in the foreground and logs to standard error.

            Holds each reservation to its part with cgroup v2 and reads back that the kernel really does: every receipt
            says what it holds. `berth doctor` tells what this host cannot hold.

            SIGTERM and SIGINT stop it; reservations stay in the ledger. SIGHUP reads the configuration again.
            """,
        version: Version.text)

    @Option(
        help: ArgumentHelp(
            "Read the configuration from here; *.yaml in FILE.d beside it too. "
                + "Without it from \(Configuration.packaged), which need not be there.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Listen on this Unix socket.", valueName: "path"))
    var socket = "/run/berth/berth.sock"

    @Option(help: ArgumentHelp("Keep the ledger in this folder.", valueName: "dir"))
    var state = "/var/lib/berth"

    @Option(
        help: ArgumentHelp(
            "The cgroup to work in; \"none\" enforces nothing. Without it systemd is asked for one.",
            valueName: "dir|none"))
    var cgroupRoot: String?

    @Option(help: ArgumentHelp("Believe a recorded host: a folder with proc and sys in it.", valueName: "dir"))
    var hostRoot: String?

    @Flag(help: "Check the configuration and exit: 0 when it is right.")
    var check = false

    @Flag(
        help: """
            With --check print the configuration as one JSON document, drop-ins and all, as berth simulate takes it. Users \
            and groups in it need not be of this host.
            """)
    var json = false

    func validate() throws {
        guard cgroupRoot.map({ $0 == "none" || $0.hasPrefix("/") }) ?? true else {
            throw ValidationError("--cgroup-root: an absolute path of a cgroup, or none")
        }
        guard check || !json else { throw ValidationError("--json is for --check") }
    }

    func run() async throws {
        let file = config ?? Configuration.packaged
        let settings = try Configuration(file: file, names: json ? .any : Account.names, isRequired: config != nil)
        if check {
            let what =
                settings.isThere ? "the configuration is right" : "is not there: the standard configuration holds"
            print(json ? settings.document.pretty : "\(file): \(what)")
            return
        }
        try await Daemon(options: self, settings: settings).run()
    }
}

/// What this build is.
enum Version {
    static let text = "0.1.0"
}
