package import BerthKernel

/// What one discovery read of the tree, so that it can be saved and read again elsewhere.
package final class ReadTrace {
    /// The text of every file that was read, by path.
    package private(set) var files: [String: String] = [:]
    /// The names in every folder that was listed, by path.
    package private(set) var folders: [String: [Entry]] = [:]
    /// Everything that was looked for and found, with what it is.
    package private(set) var existing: [String: EntryKind] = [:]
    /// Where every link that was read points, as it is written.
    package private(set) var links: [String: String] = [:]
    /// Paths that were resolved, with the path without links.
    package private(set) var resolutions: [String: String] = [:]

    package init() {}

    func noteFile(_ path: String, _ text: String) { files[path] = text }
    func noteFolder(_ path: String, _ entries: [Entry]) { folders[path] = entries }
    func noteExistence(_ path: String, _ kind: EntryKind) { existing[path] = kind }
    func noteLink(_ path: String, _ target: String) { links[path] = target }
    func noteResolution(_ path: String, _ resolved: String) { resolutions[path] = resolved }
}
