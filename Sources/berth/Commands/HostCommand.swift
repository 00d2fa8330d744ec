internal import ArgumentParser
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// `berth host`: what the host really has. Needs no agent.
struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Show what this host really has.",
        discussion: """
            Reads /proc, /sys and the cgroup tree, and needs neither the agent nor root. What the host has and what the \
            limits of this process's own cgroups, cpuset and affinity leave of it are told apart.

            EXAMPLES
              berth host                         what a person wants to read
              berth host --json | jq .cpu.cores  the whole document, schema berth.host/1
              berth host --record host.tar.gz    what was read, to attach to a bug report
              berth host --root recorded/        read a recorded host
            """)

    @Option(help: ArgumentHelp("Read a recorded host: a folder with proc and sys in it.", valueName: "dir"))
    var root: String?

    @Flag(help: "Print the document as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Save the part of /proc and /sys that was read as a gzipped tar archive, without serial numbers, MAC "
                + "addresses, UUIDs, the host's name and the values of the kernel's command line.", valueName: "file"))
    var record: String?

    func run() throws {
        let root = try HostCommand.root(self.root)
        let trace = record == nil ? nil : ReadTrace()
        let host = Host.discover(root, trace: trace)
        if let record, let trace {
            try save(try HostRecorder.record(host, trace, root: root), to: record)
            Terminal.note("recorded to \(record)")
            if !json { return }
        }
        Terminal.print(json ? host.json.pretty + "\n" : HostText(host).description)
    }

    /// The machine itself, or a recorded host that a person named.
    static func root(_ folder: String?) throws(CommandFailure) -> Root {
        let root: Root
        do throws(KernelError) {
            root = try Root(folder: folder ?? "")
        } catch {
            throw CommandFailure("\(error)", hint: "--root wants a folder with proc and sys in it")
        }
        guard folder == nil || root.looksLikeHost else {
            throw CommandFailure(
                "\(root.shown("")) holds neither proc nor sys", hint: "unpack a recording and name its folder")
        }
        return root
    }

    private func save(_ bytes: [UInt8], to path: String) throws {
        do {
            try OutputFile.write(bytes, to: path)
        } catch {
            throw CommandFailure("\(error)", hint: "name a file in a folder that you may write to")
        }
    }
}
