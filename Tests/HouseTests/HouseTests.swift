import Foundation
import Testing

/// The rules of the house that a reader of Sources can keep: floors, where paths of the kernel may stand, no traps.
@Suite("The house")
struct HouseTests {
    /// What each module may import besides what its language and test library bring.
    private static let mayImport: [String: Set<String>] = [
        "BerthJSON": [],
        "BerthPluginKit": ["BerthJSON", "BerthPluginABI"],
        "BerthModel": ["BerthJSON"],
        "BerthCore": ["BerthJSON", "BerthModel", "DequeModule", "HeapModule"],
        "BerthKernel": ["BerthModel", "CLinux", "Glibc"],
        "BerthAgent": ["BerthJSON", "BerthModel", "BerthCore", "Synchronization"],
        "BerthHost": [
            "BerthJSON", "BerthModel", "BerthCore", "BerthKernel", "BerthPluginKit", "CLinux", "CZlib", "Glibc",
            "Synchronization",
        ],
        "BerthLedger": [
            "BerthJSON", "BerthModel", "BerthCore", "BerthAgent", "GRDB", "Foundation", "Dispatch", "Synchronization",
        ],
        "BerthServer": [
            "BerthJSON", "BerthModel", "BerthCore", "BerthAgent", "Hummingbird", "HummingbirdCore",
            "HTTPTypes", "Logging", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1",
            "NIOConcurrencyHelpers", "ServiceLifecycle", "Synchronization", "Atomics", "NIOExtras", "UnixSignals",
        ],
        "berth": [
            "BerthJSON", "BerthModel", "BerthCore", "BerthKernel", "BerthHost", "BerthPluginKit", "ArgumentParser",
            "Glibc",
        ],
    ]

    @Test("each module imports only from below", arguments: try Source.all())
    func imports(source: Source) {
        guard let allowed = HouseTests.mayImport[source.module] else { return }
        for module in source.imports { #expect(allowed.contains(module), "\(source.path) imports \(module)") }
    }

    @Test("paths of the kernel stand in BerthKernel and BerthHost only", arguments: try Source.all())
    func kernelPaths(source: Source) {
        guard !["BerthKernel", "BerthHost", "CLinux"].contains(source.module) else { return }
        for (number, line) in source.code {
            #expect(!line.contains("\"/sys") && !line.contains("\"/proc"), "\(source.path):\(number)")
        }
    }

    @Test("nothing traps on what comes from outside", arguments: try Source.all())
    func traps(source: Source) {
        for (number, line) in source.code {
            for trap in ["try!", "fatalError(", " as! ", "unsafeBitCast"] {
                #expect(!line.contains(trap), "\(source.path):\(number) has \(trap)")
            }
        }
    }

    @Test("no file is longer than 500 lines, and no function than 70", arguments: try Source.all())
    func length(source: Source) {
        #expect(source.lines.count <= 500, "\(source.path)")
        for (number, length) in source.functions { #expect(length <= 70, "\(source.path):\(number)") }
    }

    @Test("the rules are kept by somebody: a planted source breaks each of them")
    func planted() {
        let source = Source(
            path: "Sources/BerthCore/Bad.swift", text: "internal import Foundation\nlet a = try! f(\"/proc/1\")\n")
        #expect(source.module == "BerthCore")
        #expect(source.imports == ["Foundation"])
        #expect(source.code.contains { $0.text.contains("try!") && $0.text.contains("\"/proc") })
        let long = Source(
            path: "", text: "    static func a() {\n" + String(repeating: "        b()\n", count: 69) + "    }\n")
        #expect(long.functions.map(\.length) == [71])
    }
}

/// One Swift file of Sources.
struct Source: Sendable, CustomStringConvertible {
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var description: String { path }

    /// The folder below Sources, the house's own or the kit's.
    var module: String {
        let parts = path.split(separator: "/")
        return parts.firstIndex(of: "Sources").map { String(parts.dropFirst($0 + 1).first ?? "") } ?? ""
    }

    var imports: [String] {
        lines.compactMap { line in
            // What is indented stands in a text: a package that is written for somebody.
            guard !line.hasPrefix(" ") else { return nil }
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword <= 1, words.count > keyword + 1 else {
                return nil
            }
            // `import struct Module.Name` names its module behind the kind.
            let name =
                ["struct", "class", "enum", "func"].contains(words[keyword + 1]) ? words.last : words[keyword + 1]
            return name?.split(separator: ".").first.map(String.init)
        }
    }

    /// Where each function, initializer and computed property begins, and how many lines it has: up to the brace that stands
    /// below its first letter.
    var functions: [(number: Int, length: Int)] {
        lines.indices.compactMap { first in
            let line = lines[first]
            let indent = line.prefix { $0 == " " }
            let words = line.dropFirst(indent.count).split(separator: " ")
            let isFunction =
                words.contains("func") || words.contains { $0.hasPrefix("init(") || $0.hasPrefix("init?(") }
            guard isFunction || words.contains("var") && line.hasSuffix("{"), !line.contains("//"), !line.contains("\"")
            else { return nil }
            let rest = lines[first...].dropFirst().prefix { $0.isEmpty || $0.hasPrefix(indent) }
            let end = rest.firstIndex { $0 == indent + "}" }
            return end.map { (first + 1, $0 - first + 1) }
        }
    }

    /// The lines that are no comments, with their numbers.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().map { ($0.offset + 1, $0.element) }
            .filter { !$0.1.drop { $0 == " " }.hasPrefix("//") }
    }

    static func all() throws -> [Source] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ["Sources", "Plugins/Kit/Sources"].flatMap { folder in
            let files = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            return try (files?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }.sorted().map {
                name in
                let path = "\(folder)/\(name)"
                return Source(
                    path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
            }
        }
    }
}
