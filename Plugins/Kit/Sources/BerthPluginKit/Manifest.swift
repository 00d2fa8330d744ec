public import BerthJSON

/// What stands beside a plugin's library, `NAME.json` beside `NAME.so`: what it provides and what it needs, so that an
/// agent can list, refuse and limit it without loading it.
public struct Manifest: Hashable, Sendable {
    /// The form that this kit reads.
    public static let schema = "berth.plugin/1"

    /// What a plugin is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It provides resource types.
        case provider
        /// It admits or refuses requests.
        case validator
    }

    /// A type that it provides.
    public struct ProvidedType: Hashable, Sendable {
        /// `vendor.example/name`.
        public var name: String
        /// `gpu` where its units are the agent's own GPUs, named by PCI address, of which it knows more, and their parts.
        public var extends: String?
        /// The variables that it may set in the environment of programs.
        public var environment: [String]

        /// The type that requests name.
        public var reserved: String { extends ?? name }

        /// - Parameters:
        ///   - name: its name
        ///   - extends: the type of the agent's own that it knows more of
        ///   - environment: the variables that it may set
        public init(_ name: String, extends: String? = nil, environment: [String] = []) {
            self.name = name
            self.extends = extends
            self.environment = environment
        }
    }

    /// What it needs beside its library.
    public struct Needs: Hashable, Sendable {
        /// A folder of its own that stays.
        public var state = false
        /// The host's network.
        public var network = false
        /// Programs that it runs: absolute paths.
        public var exec: [String] = []
        /// Files and folders that it reads.
        public var read: [String] = []
        /// Files and folders that it reads and writes.
        public var write: [String] = []

        /// Nothing.
        public init() {}
    }

    /// Its name: small letters, digits and `-`, at most 40.
    public var name: String
    /// Its version, for people.
    public var version: String
    /// What it is.
    public var kind: Kind
    /// What it provides; nothing where it is a validator.
    public var types: [ProvidedType]
    /// What it needs.
    public var needs: Needs
    /// What its section of the configuration has to be.
    public var configuration: ConfigurationSchema

    /// - Parameters:
    ///   - name: its name
    ///   - version: its version
    ///   - kind: what it is
    ///   - types: what it provides
    ///   - needs: what it needs
    ///   - configuration: what its section of the configuration has to be
    public init(
        name: String, version: String, kind: Kind, types: [ProvidedType] = [], needs: Needs = Needs(),
        configuration: ConfigurationSchema = .empty
    ) {
        self.name = name
        self.version = version
        self.kind = kind
        self.types = types
        self.needs = needs
        self.configuration = configuration
    }
}

extension Manifest {
    /// As the file has it.
    public static var reader: JSONReader<Manifest> {
        .fields { fields throws(JSONFieldError) in
            let schema = try fields.required("schema", .string)
            guard schema == Manifest.schema else {
                throw fields.invalid("schema", "is \(schema)", expected: Manifest.schema)
            }
            let name = try fields.required("name", .string)
            guard Manifest.isName(name) else {
                throw fields.invalid("name", "is no name", expected: "small letters, digits and - , at most 40")
            }
            let kind = try fields.required("kind", .string)
            guard let known = Kind(rawValue: kind) else {
                throw fields.invalid("kind", "is not \(kind)", expected: "provider or validator")
            }
            let manifest = Manifest(
                name: name, version: try fields.required("version", .string), kind: known,
                types: try fields.optional("types", .array(of: ProvidedType.reader)) ?? [],
                needs: try fields.optional("needs", Needs.reader) ?? Needs(),
                configuration: try fields.optional("configuration", ConfigurationSchema.reader) ?? .empty)
            guard Set(manifest.types.map(\.reserved)).count == manifest.types.count else {
                throw fields.invalid("types", "names a type twice, or extends one twice")
            }
            guard manifest.types.isEmpty == (known == .validator) else {
                throw fields.invalid(
                    "types", known == .validator ? "a validator provides none" : "a provider provides some")
            }
            return manifest
        }
    }

    /// Whether this can name a plugin, and a file.
    public static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 40, bytes.first != UInt8(ascii: "-") else { return false }
        return bytes.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
    }
}

extension Manifest.ProvidedType {
    static var reader: JSONReader<Manifest.ProvidedType> {
        .fields { fields throws(JSONFieldError) in
            let name = try fields.required("name", .string)
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].contains("."), Manifest.isName(String(parts[1])),
                parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({
                    Manifest.isName(String($0))
                })
            else { throw fields.invalid("name", "\(name) is no type", expected: "vendor.example/name") }
            let environment = try fields.optional("environment", .array(of: .string)) ?? []
            for variable in environment where !EnvironmentName.isAllowed(variable) {
                throw fields.invalid(
                    "environment", "\(variable) cannot be set by a plugin",
                    expected: "capital letters, digits and _, and none that changes how programs run")
            }
            let extends = try fields.optional("extends", .string)
            guard extends == nil || extends == "gpu" else {
                throw fields.invalid("extends", "cannot be \(extends ?? "")", expected: "gpu")
            }
            return Manifest.ProvidedType(name, extends: extends, environment: environment)
        }
    }
}

extension Manifest.Needs {
    static var reader: JSONReader<Manifest.Needs> {
        .fields { fields throws(JSONFieldError) in
            var needs = Manifest.Needs()
            needs.state = try fields.optional("state", .bool) ?? false
            needs.network = try fields.optional("network", .bool) ?? false
            needs.exec = try paths("exec", &fields)
            needs.read = try paths("read", &fields)
            needs.write = try paths("write", &fields)
            return needs
        }
    }

    private static func paths(_ name: String, _ fields: inout JSONFields) throws(JSONFieldError) -> [String] {
        let paths = try fields.optional(name, .array(of: .string)) ?? []
        for path in paths where !path.hasPrefix("/") || path.utf8.contains(0) {
            throw fields.invalid(name, "\(path) is not absolute", expected: "paths from the root on")
        }
        return paths
    }
}
