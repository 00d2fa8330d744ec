internal import BerthJSON
internal import BerthKernel
package import BerthPluginKit

/// A plugin as files: the library `NAME.so`, or `libNAME.so` as it was built, and `NAME.json`, its manifest.
package struct PluginFile: Hashable, Sendable {
    /// The library.
    package let library: String
    package let manifest: Manifest
    /// Where the manifest lies.
    package let description: String

    /// The most that a manifest may have, in bytes.
    private static let longestManifest = 1 << 16

    /// Reads the manifest and the library's head; loads nothing.
    /// - Parameters:
    ///   - library: the path of the library
    ///   - folder: where the manifest lies; nil for beside the library
    ///   - owner: the user who may have laid the manifest beside root; nil for anybody. The library is looked at as it is loaded
    /// - Throws: why this can be no plugin here
    package init(_ library: String, manifestIn folder: String? = nil, trusting owner: UInt32? = nil) throws(PluginFault)
    {
        let (place, name) = try PluginFile.parts(library)
        let description = (folder.map { "\($0)/" } ?? place) + name + ".json"
        let (head, size, text): ([UInt8], Int, [UInt8])
        var doubt: String?
        do throws(KernelError) {
            let file = try PlainFile(library)
            (head, size) = (try file.head(atMost: ELFHeader.length), file.size)
            if let owner { doubt = try TrustedPath.doubt(description, owner: owner) }
            text = try PlainFile(description).head(atMost: PluginFile.longestManifest + 1)
        } catch {
            throw .unreadable(error)
        }
        if let doubt { throw .refused(doubt) }
        _ = try ELFHeader(head, fileSize: size)
        guard text.count <= PluginFile.longestManifest else {
            throw .refused("\(description) has more than \(PluginFile.longestManifest) bytes")
        }
        do {
            manifest = try Manifest.reader.read(try JSONValue(parsing: text))
        } catch {
            throw .refused("\(description): \(error)")
        }
        guard manifest.name == name else {
            throw .refused("\(description) is the manifest of \(manifest.name), and the library is \(name)")
        }
        self.library = library
        self.description = description
    }

    /// What a manifest says that its plugin is, though the rest of it may make no sense, or may be somebody's who is not trusted:
    /// what will not be run may be missed. Nil where it says nothing.
    static func kind(in manifest: String) -> Manifest.Kind? {
        guard let text = try? PlainFile(manifest).head(atMost: longestManifest),
            case .object(let members)? = try? JSONValue(parsing: text), case .string(let kind)? = members["kind"]
        else { return nil }
        return Manifest.Kind(rawValue: kind)
    }

    /// Whether a process of the one can go on as a process of the other.
    func canBecome(_ other: PluginFile) -> Bool {
        manifest.kind == other.manifest.kind && manifest.types == other.manifest.types
            && manifest.needs.state == other.manifest.needs.state
    }

    /// Where a library lies, with a slash at the end, and the name of the plugin that it is.
    private static func parts(_ library: String) throws(PluginFault) -> (place: String, name: String) {
        let file = library.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard file.hasSuffix(".so") else { throw .refused("\(library) does not end in .so, as a library does") }
        let base = file.dropLast(3)
        let name = base.hasPrefix("lib") ? base.dropFirst(3) : base
        guard Manifest.isName(String(name)) else {
            throw .refused("\(library) has no name for a plugin: small letters, digits and -, at most 40")
        }
        return (String(library.dropLast(file.count)), String(name))
    }
}
