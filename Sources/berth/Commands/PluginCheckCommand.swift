internal import ArgumentParser
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthPluginKit
internal import Glibc

/// `berth plugin check`: whether a built library is a plugin that keeps to the rules. Needs no agent.
struct PluginCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Run what every plugin has to pass against a built library.",
        discussion: """
            Loads the library in a process that has given up its privileges, as the agent does, and asks it for \
            everything that an agent asks, twice, in the wrong order, after kill -9; what it answers is judged as the \
            agent judges it. Where its manifest says needs.state it gets an empty folder of its own, which is removed \
            afterwards. The manifest NAME.json is looked for beside the library, then here.

            EXAMPLES
              berth plugin check .build/release/libacme-seat.so
              berth plugin check libacme-seat.so --configuration '{"seats": 5}'

            EXIT STATUS
              0 it does all that is expected, 1 it does not
            """)

    @Argument(help: "The library: libNAME.so or NAME.so.", completion: .file(extensions: ["so"]))
    var library: String

    @Option(
        help: ArgumentHelp(
            "The section of the configuration that it is given, as JSON. Default: {}.", valueName: "json"))
    var configuration = "{}"

    @Option(help: ArgumentHelp("Where berth-plugin-host lies.", valueName: "file"), completion: .file())
    var pluginHost: String?

    func run() throws {
        let folder = try TemporaryFolder()
        let file = try PluginFile.named(library)
        let box = try self.box(for: file, folder)
        let settings: JSONObject
        do {
            settings = try JSONReader<JSONObject>.object.read(try JSONValue(parsing: configuration))
        } catch {
            throw ValidationError("--configuration is no JSON object: \(error)")
        }
        var failures = 0
        let check = PluginCheck(file, in: box, configuration: settings) { line in
            Terminal.note("\(file.manifest.name) writes: \(line.printable)")
        }
        check.run { finding in
            Terminal.print("\(finding.fault == nil ? "ok  " : "FAIL") \(finding.name)\n")
            guard let fault = finding.fault else { return }
            failures += 1
            Terminal.print("     \(fault.printable)\n")
        }
        if failures > 0 { throw ExitCode.failure }
    }

    /// As an agent does it, as far as the caller may: root gives it to a user who is nobody.
    private func box(for file: PluginFile, _ folder: TemporaryFolder) throws -> PluginBox {
        var box = PluginBox(host: try pluginHost ?? PluginHost.path())
        box.state = file.manifest.needs.state ? folder.path : nil
        // A Swift library with its runtime takes 64 MiB to load and serve.
        box.addressSpace = 1 << 30
        if geteuid() == 0 {
            box.user = PluginCheckCommand.nobody
            box.processes = 64
            guard chown(folder.path, PluginCheckCommand.nobody, PluginCheckCommand.nobody) == 0 else {
                throw CommandFailure("cannot give \(folder.path) to user \(PluginCheckCommand.nobody)")
            }
        } else {
            // What else the user runs counts too.
            box.processes = 4096
        }
        return box
    }

    /// The user that owns nothing: the overflow uid of the kernel.
    private static let nobody: UInt32 = 65534
}

extension PluginFile {
    /// The plugin that a person named: its manifest lies beside the library, or here.
    static func named(_ library: String) throws(CommandFailure) -> PluginFile {
        do throws(PluginFault) {
            do throws(PluginFault) { return try PluginFile(library) } catch .unreadable(let error)
                where error.saysAbsent
            {
                return try PluginFile(library, manifestIn: ".")
            }
        } catch {
            throw CommandFailure("\(library) is no plugin: \(error)")
        }
    }
}
