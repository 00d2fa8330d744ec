internal import BerthJSON
internal import BerthKernel
internal import BerthPluginKit

/// Plugins of a folder that were disabled: no agent knows of them, but for who looks into the folder they would be nowhere.
struct DisabledPlugins {
    /// What stands behind the name of a disabled library.
    static let ending = ".so.disabled"
    /// The most that a manifest may have, in bytes.
    private static let longestManifest = 1 << 16

    private let folder: String

    init(in folder: String) { self.folder = folder }

    /// All of them by name, in the form of the agent's documents; none where the folder cannot be read.
    var documents: [JSONValue] {
        let files: [String]
        do throws(KernelError) { files = try Root.names(inFolder: folder) } catch { return [] }
        return files.filter { $0.hasSuffix(DisabledPlugins.ending) }
            .map { String($0.dropLast(DisabledPlugins.ending.count)) }.filter { Manifest.isName($0) }.sorted()
            .map { document($0) }
    }

    /// One of them, likewise; nil where none of that name is disabled.
    func document(named name: String) -> JSONValue? { documents.first { $0["name"]?.text == name } }

    private func document(_ name: String) -> JSONValue {
        var document: JSONObject = ["name": .string(name), "state": "disabled"]
        do {
            let text = try PlainFile("\(folder)/\(name).json").head(atMost: DisabledPlugins.longestManifest)
            let manifest = try Manifest.reader.read(try JSONValue(parsing: text))
            document["kind"] = .string(manifest.kind.rawValue)
            document["version"] = .string(manifest.version)
            document["types"] = .array(manifest.types.map { .string($0.reserved) })
        } catch {
            document["reason"] = .string("its manifest cannot be read: \(error)")
        }
        return .object(document)
    }
}
