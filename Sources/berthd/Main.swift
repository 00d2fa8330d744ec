internal import ArgumentParser
internal import BerthKernel

/// The agent: one daemon per host.
@main
struct Berthd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berthd",
        abstract: "The agent that arbitrates the resources of this host.",
        discussion: """
            Finds out what the host has, takes reservation requests over a Unix socket, grants them exactly and keeps
            them in a ledger that survives any crash. Runs in the foreground and logs to standard error.

            This version counts and keeps, and does not yet hold programs to their part with cgroups: every receipt
            says so.

            SIGTERM and SIGINT stop it; reservations stay in the ledger. SIGHUP reads the configuration again.
            """,
        version: Version.text)

    @Option(help: ArgumentHelp("Read the configuration from here; *.yaml in FILE.d beside it too.", valueName: "file"))
    var config = "/etc/berth/berth.yaml"

    @Option(help: ArgumentHelp("Listen on this Unix socket.", valueName: "path"))
    var socket = "/run/berth/berth.sock"

    @Option(help: ArgumentHelp("Keep the ledger in this folder.", valueName: "dir"))
    var state = "/var/lib/berth"

    @Option(
        help: ArgumentHelp(
            "The cgroup to work in. This version knows \"none\" only: nothing is enforced.", valueName: "dir|none"))
    var cgroupRoot = "none"

    @Option(help: ArgumentHelp("Believe a recorded host: a folder with proc and sys in it.", valueName: "dir"))
    var hostRoot: String?

    @Flag(help: "Check the configuration and exit: 0 when it is right.")
    var check = false

    func validate() throws {
        guard cgroupRoot == "none" else {
            throw ValidationError("--cgroup-root: this version enforces nothing yet; say none")
        }
    }

    func run() async throws {
        let settings = try Configuration(file: config)
        if check {
            print("\(config): the configuration is right")
            return
        }
        try await Daemon(options: self, settings: settings).run()
    }
}

/// What this build is.
enum Version {
    static let text = "0.1.0"
}
