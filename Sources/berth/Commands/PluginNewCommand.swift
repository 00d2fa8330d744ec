internal import ArgumentParser
internal import BerthPluginKit

/// `berth plugin new`: a package that builds, passes its test and can be installed at once. Needs no agent.
struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Write the package of a new plugin.",
        discussion: """
            Makes a folder of the plugin's name with a Swift package in it: a provider of one type with as many units as \
            its configuration says, or a validator that wants every reservation to have a label. Change it to what you \
            need.

            EXAMPLES
              berth plugin new acme-seat --provider --type acme.example/seat
              berth plugin new cost-centre --validator
            """)

    @Argument(help: "The plugin's name: small letters, digits and -.")
    var name: String

    @Flag(help: "Write a provider of a resource type.")
    var provider = false

    @Flag(help: "Write a validator of requests.")
    var validator = false

    @Option(help: ArgumentHelp("The provider's type. Default: example.com/NAME.", valueName: "vendor.example/name"))
    var type: String?

    @Option(help: ArgumentHelp("Where the kit lies.", valueName: "dir"), completion: .directory)
    var kit: String?

    func validate() throws {
        guard Manifest.isName(name) else {
            throw ValidationError("\(name) is no name for a plugin: small letters, digits and -, at most 40")
        }
        // The Swift package manager tells packages by their folders.
        guard name != "kit" else { throw ValidationError("kit is the package that plugins are written with") }
        guard provider != validator else { throw ValidationError("say --provider or --validator") }
        guard type == nil || provider else { throw ValidationError("a validator has no type") }
    }

    func run() throws {
        let package = PluginPackage(name: name, type: type ?? "example.com/\(name)", kit: try kit ?? PluginHost.kit())
        if provider, let refusal = package.refusal { throw ValidationError(refusal) }
        try package.write(provider ? package.provider : package.validator)
        Terminal.print(
            """
            wrote \(name)/, a package with a manifest and a test. Next:
              cd \(name)
              swift test
              swift build -c release -Xswiftc -static-stdlib
              berth plugin check .build/release/lib\(name).so

            """)
    }
}
