internal import BerthJSON
internal import BerthPluginKit
internal import Glibc

/// The files of a new plugin's package.
struct PluginPackage {
    /// One file: where, below the package's folder, and what is in it.
    typealias File = (path: String, text: String)

    let name: String
    let type: String
    let kit: String

    /// The name of the module, and of the type in it: `AcmeSeatPlugin` for `acme-seat`. What the kit and Swift have is
    /// not named so: an `Offer` of its own would hide the kit's.
    var module: String {
        let words = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let joined = words.joined()
        // A name may begin with a digit, and that of a module may not.
        return (joined.first?.isNumber == true ? "The" : "") + joined + "Plugin"
    }

    /// The variable that tells programs which units they have.
    var variable: String {
        let text = type.split(separator: "/").last ?? ""
        let letters = String(text.uppercased().map { $0 == "-" ? "_" : $0 })
        return EnvironmentName.isAllowed(letters) ? letters : "UNIT_" + letters
    }

    /// Why no agent would take a provider of this type, in the words of its manifest; nil where one would.
    var refusal: String? {
        let manifest = manifestOfProvider
        do { _ = try Manifest.reader.read(try JSONValue(parsing: manifest.text)) } catch {
            return "\(manifest.path): \(error)"
        }
        return nil
    }

    private var manifestOfPackage: File {
        (
            "Package.swift",
            """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "\(name)",
                products: [.library(name: "\(name)", type: .dynamic, targets: ["\(module)"])],
                dependencies: [.package(path: "\(kit)")],
                targets: [
                    .target(name: "\(module)", dependencies: [.product(name: "BerthPluginKit", package: "Kit")]),
                    .testTarget(name: "\(module)Tests", dependencies: ["\(module)"]),
                ]
            )

            """
        )
    }

    /// All of a provider.
    var provider: [File] {
        [manifestOfPackage, (".gitignore", ".build\n"), manifestOfProvider, sourceOfProvider, testOfProvider]
    }

    /// What a provider says of itself.
    private var manifestOfProvider: File {
        (
            "\(name).json",
            """
            {
              "schema": "berth.plugin/1",
              "name": "\(name)",
              "version": "0.1.0",
              "kind": "provider",
              "types": [{"name": \(JSONValue.string(type)), "environment": [\(JSONValue.string(variable))]}],
              "configuration": {
                "type": "object",
                "properties": {
                  "count": {"type": "integer", "minimum": 0, "maximum": 10000, "description": "How many there are."}
                }
              }
            }

            """
        )
    }

    /// A provider.
    private var sourceOfProvider: File {
        (
            "Sources/\(module)/\(module).swift",
            """
            import BerthJSON
            import BerthPluginKit

            /// Has as many units as its configuration says.
            struct \(module): ResourceProvider {
                private var count: Int64 = 3

                mutating func start(_ start: Start) throws {
                    if case .number(let number)? = start.configuration["count"], let count = number.int64 {
                        self.count = count
                    }
                }

                func discover() -> [Offer] {
                    [Offer("\(type)", units: (0..<count).map { Unit("\\($0)") })]
                }

                func allocate(_ allocation: Allocation) -> Provision {
                    Provision(environment: ["\(variable)": allocation.units.joined(separator: ",")])
                }

                func release(_ reservation: String) {}
            }

            @c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(\(module)()) }

            """
        )
    }

    /// Its test.
    private var testOfProvider: File {
        (
            "Tests/\(module)Tests/\(module)Tests.swift",
            """
            import BerthPluginKit
            import Testing

            @testable import \(module)

            @Suite struct \(module)Tests {
                @Test("has as many units as it is configured to have")
                func count() throws {
                    var provider = \(module)()
                    try provider.start(Start(configuration: ["count": 5], agent: AgentLine { _ in }))
                    #expect(provider.discover().first?.units.count == 5)
                }
            }

            """
        )
    }

    /// All of a validator.
    var validator: [File] {
        [manifestOfPackage, (".gitignore", ".build\n"), manifestOfValidator, sourceOfValidator, testOfValidator]
    }

    /// What a validator says of itself.
    private var manifestOfValidator: File {
        (
            "\(name).json",
            """
            {
              "schema": "berth.plugin/1",
              "name": "\(name)",
              "version": "0.1.0",
              "kind": "validator",
              "configuration": {
                "type": "object",
                "properties": {"label": {"type": "string", "description": "The label that requests need."}}
              }
            }

            """
        )
    }

    /// A validator.
    private var sourceOfValidator: File {
        (
            "Sources/\(module)/\(module).swift",
            """
            import BerthJSON
            import BerthPluginKit

            /// Wants every request to have a label.
            struct \(module): Validator {
                private var label = "cost_centre"

                mutating func start(_ start: Start) throws {
                    if case .string(let label)? = start.configuration["label"] { self.label = label }
                }

                func validate(_ question: Question) -> [Violation] {
                    if case .object(let labels)? = question.request["labels"], labels[label] != nil { return [] }
                    return [
                        Violation(
                            "label_missing", at: "/labels/\\(label)", "the label \\(label) is missing",
                            hint: "add --label \\(label)=…")
                    ]
                }
            }

            @c(berth_plugin_entry_v1) public func entry() -> UnsafeRawPointer? { export(\(module)()) }

            """
        )
    }

    /// Its test.
    private var testOfValidator: File {
        (
            "Tests/\(module)Tests/\(module)Tests.swift",
            """
            import BerthPluginKit
            import Testing

            @testable import \(module)

            @Suite struct \(module)Tests {
                @Test("wants the label")
                func label() {
                    let validator = \(module)()
                    var question = Question(.reserve, request: [:], user: 0, groups: [])
                    #expect(validator.validate(question).map(\\.code) == ["label_missing"])
                    question.request = ["labels": ["cost_centre": "4711"]]
                    #expect(validator.validate(question).isEmpty)
                }
            }

            """
        )
    }

    /// Writes the files into a new folder of the plugin's name.
    func write(_ files: [File]) throws {
        try make(name)
        for file in files {
            var folder = name
            for part in file.path.split(separator: "/").dropLast() {
                folder += "/\(part)"
                try make(folder, mayBeThere: true)
            }
            try write(file.text, to: "\(name)/\(file.path)")
        }
    }

    private func make(_ folder: String, mayBeThere: Bool = false) throws {
        guard mkdir(folder, 0o777) != 0, !(mayBeThere && errno == EEXIST) else { return }
        throw CommandFailure("cannot make the folder \(folder): \(String(cString: strerror(errno)))")
    }

    private func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw CommandFailure("cannot make \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
