import BerthJSON
import BerthPluginKit
import Testing

@testable import berth

@Suite("The package of a new plugin")
struct PluginPackageTests {
    @Test(
        "has a variable that its manifest may have",
        arguments: [
            ("acme.example/seat", "SEAT"), ("acme.example/gpu-slot", "GPU_SLOT"), ("acme.example/4k", "UNIT_4K"),
            ("acme.example/node-slot", "UNIT_NODE_SLOT"), ("acme.example/git-runner", "UNIT_GIT_RUNNER"),
            ("acme.example/ssh-session", "UNIT_SSH_SESSION"), ("acme.example/user", "UNIT_USER"),
            ("acme.example/path", "UNIT_PATH"),
        ])
    func variable(type: String, variable: String) throws {
        let package = PluginPackage(name: "acme", type: type, kit: "/kit")
        #expect(package.variable == variable)
        let manifest = try #require(package.provider.first { $0.path == "acme.json" }).text
        let read = try Manifest.reader.read(try JSONValue(parsing: manifest))
        #expect(read.types == [Manifest.ProvidedType(type, environment: [variable])])
        #expect(package.refusal == nil)
    }

    @Test("is refused in the words of its manifest", arguments: ["gpu", "A.b/c", "a.b/c d", "a.b/", "\"", "a.b/\u{0}"])
    func refusal(type: String) throws {
        let refusal = try #require(PluginPackage(name: "acme", type: type, kit: "/kit").refusal)
        #expect(refusal.hasPrefix("acme.json: at /types/0/name:"))
        #expect(refusal.hasSuffix("is no type"))
    }

    @Test(
        "has a type that hides nothing of the kit and of Swift",
        arguments: [
            ("offer", "OfferPlugin"), ("unit", "UnitPlugin"), ("start", "StartPlugin"), ("string", "StringPlugin"),
            ("type", "TypePlugin"), ("acme-seat", "AcmeSeatPlugin"), ("4k", "The4kPlugin"),
        ])
    func module(name: String, module: String) throws {
        let package = PluginPackage(name: name, type: "a.b/c", kit: "/kit")
        #expect(package.module == module)
        for files in [package.provider, package.validator] {
            let source = try #require(files.first { $0.path == "Sources/\(module)/\(module).swift" }).text
            #expect(source.contains("struct \(module): "))
        }
    }
}
