internal import ArgumentParser

/// `berth plugin`: everything about plugins.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "Write, check and run plugins: resource types and rules of your own.",
        discussion: """
            A plugin is a dynamic library that provides resource types that no kernel knows, or rules that requests have \
            to keep. It runs in a process of its own that has given up every privilege.

            EXAMPLES
              berth plugin new acme-seat --provider --type acme.example/seat
              cd acme-seat && swift build -c release -Xswiftc -static-stdlib
              berth plugin check .build/release/libacme-seat.so
              sudo berth plugin install .build/release/libacme-seat.so
              berth run --resource acme.example/seat=1 -- env
            """,
        subcommands: [
            PluginNewCommand.self, PluginCheckCommand.self, PluginInstallCommand.self, PluginListCommand.self,
            PluginShowCommand.self, PluginEnableCommand.self, PluginDisableCommand.self, PluginReloadCommand.self,
            PluginScaleCommand.self, PluginLogsCommand.self,
        ])
}
