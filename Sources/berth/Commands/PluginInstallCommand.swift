internal import ArgumentParser
internal import BerthHost
internal import BerthKernel
internal import BerthPluginKit
internal import Glibc

/// The folder that an agent looks for plugins in.
struct PluginFolderOptions: ParsableArguments {
    @Option(
        name: .customLong("folder"),
        help: ArgumentHelp(
            "The folder that the agent's configuration names. Default: $BERTH_PLUGINS, else \(packaged).",
            valueName: "dir"),
        completion: .directory)
    var named: String?

    private static let packaged = "/usr/lib/berth/plugins"

    /// What the person named, else what the environment says, else where packages put plugins.
    var folder: String {
        if let named { return named }
        guard let value = getenv("BERTH_PLUGINS"), value.pointee != 0 else { return PluginFolderOptions.packaged }
        return String(cString: value)
    }

    /// Where a plugin's library lies, and where while it is disabled.
    func library(_ name: String) throws -> (enabled: String, disabled: String) {
        guard Manifest.isName(name) else { throw ValidationError("\(name) is no name of a plugin") }
        return ("\(folder)/\(name).so", "\(folder)/\(name)\(DisabledPlugins.ending)")
    }
}

/// `berth plugin install`: puts a library and its manifest where the agent looks.
struct PluginInstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Put a built plugin where the agent looks for it.",
        discussion: """
            Copies the library and its manifest, NAME.json beside it or here, into the folder; the agent notices and starts \
            it. A former version is replaced, one that was disabled too: what is held of it stays held. To take it away \
            again, remove NAME.so and NAME.json.

            EXAMPLE
              sudo berth plugin install .build/release/libacme-seat.so
            """)

    @Argument(help: "The library: libNAME.so or NAME.so.", completion: .file(extensions: ["so"]))
    var library: String

    @OptionGroup var place: PluginFolderOptions

    func run() throws {
        let file = try PluginFile.named(library)
        let (enabled, disabled) = try place.library(file.manifest.name)
        do throws(KernelError) {
            try FileCopy.makeFolder(place.folder)
            // The library last: it is what the agent looks for.
            try FileCopy.replace("\(place.folder)/\(file.manifest.name).json", with: file.description, mode: 0o644)
            try FileCopy.replace(enabled, with: library, mode: 0o755)
        } catch {
            throw CommandFailure("cannot install \(file.manifest.name): \(error)")
        }
        // What was disabled has the manifest of another version now.
        if unlink(disabled) == 0 {
            Terminal.note("\(file.manifest.name) was disabled: \(disabled) is taken away, and the new one runs")
        } else if errno != ENOENT {
            throw CommandFailure("cannot take away what was disabled: unlink \(disabled): \(errorName(errno))")
        }
        Terminal.note(
            "\(file.manifest.name) \(file.manifest.version) lies in \(place.folder) now: see berth plugin list")
    }
}

/// `berth plugin enable`: has the agent run a plugin again.
struct PluginEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Have the agent run a plugin that was disabled.")

    @Argument(help: "The plugin.")
    var name: String

    @OptionGroup var place: PluginFolderOptions

    func run() throws {
        let (enabled, disabled) = try place.library(name)
        guard access(enabled, F_OK) != 0 else {
            let hint = access(disabled, F_OK) == 0 ? "what is disabled too is another: remove \(disabled)" : nil
            throw CommandFailure("\(name) is not disabled: \(enabled) is there", hint: hint)
        }
        guard rename(disabled, enabled) != 0 else { return }
        throw CommandFailure(
            "cannot enable \(name): rename \(disabled): \(errorName(errno))",
            hint: errno == ENOENT ? "there is no disabled plugin of that name in \(place.folder)" : nil)
    }
}

/// `berth plugin disable`: has the agent stop a plugin and leave it.
struct PluginDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Have the agent stop a plugin, and not start it again.",
        discussion: "What is held of it stays held until it is released. The library stays as NAME.so.disabled.")

    @Argument(help: "The plugin.")
    var name: String

    @OptionGroup var place: PluginFolderOptions

    func run() throws {
        let (enabled, disabled) = try place.library(name)
        guard rename(enabled, disabled) != 0 else { return }
        if errno == ENOENT, access(disabled, F_OK) == 0 {
            throw CommandFailure("\(name) is disabled already", hint: "to run it again: berth plugin enable \(name)")
        }
        throw CommandFailure(
            "cannot disable \(name): rename \(enabled): \(errorName(errno))",
            hint: errno == ENOENT ? "there is no plugin of that name in \(place.folder)" : nil)
    }
}
