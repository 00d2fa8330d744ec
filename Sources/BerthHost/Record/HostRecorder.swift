package import BerthKernel
package import BerthModel

/// Makes an archive of what one discovery read, so that the same discovery finds the same host elsewhere.
package struct HostRecorder {
    private enum Item {
        case folder
        case file([UInt8])
        case link(String)
    }

    private let root: Root
    private var items: [String: Item] = [:]
    private var scrubber: Scrubber

    private init(root: Root) {
        self.root = root
        let name = try? root.text("proc/sys/kernel/hostname")
        let bare = name.map { String($0.trimmed) }
        scrubber = Scrubber(hostName: bare.flatMap { $0.isEmpty || $0 == "(none)" ? nil : $0 })
    }

    /// The archive, compressed; the host it was made of is `host`.
    /// - Throws: ENOMEM when zlib has no memory
    package static func record(_ host: Host, _ trace: ReadTrace, root: Root) throws(KernelError) -> [UInt8] {
        var recorder = HostRecorder(root: root)
        recorder.take(trace)
        recorder.items[FilesystemSpaces.file] = .file(Array(FilesystemSpaces.text(of: host.filesystems).utf8))
        guard let bytes = Gzip.compress(recorder.archive()) else {
            throw KernelError("compress", "the recording", code: KernelError.outOfMemory)
        }
        return bytes
    }

    private mutating func take(_ trace: ReadTrace) {
        for (path, text) in trace.files {
            items[place(path)] = .file(Array(scrubber.content(of: path, text).utf8))
        }
        for (path, entries) in trace.folders {
            let folder = place(path)
            note(folder, .folder)
            for entry in entries { note(entry, in: folder) }
        }
        for (path, kind) in trace.existing { note(place(path), kind == .folder ? .folder : .file([])) }
        for (path, target) in trace.links { note(placeOfLink(path), .link(target)) }
        for path in trace.resolutions.keys { note(place(path), .folder) }
    }

    private mutating func note(_ entry: Entry, in folder: String) {
        let path = "\(folder)/\(entry.name)"
        switch entry.kind {
        case .folder: note(path, .folder)
        case .link:
            if let target = try? root.target(ofLink: path) { note(path, .link(target)) }
        case .file, .other: note(path, .file([]))
        }
    }

    /// Adds what is not there yet: the content of a file that was read must not give way to an empty one.
    private mutating func note(_ path: String, _ item: Item) {
        if items[path] == nil, !path.isEmpty { items[path] = item }
    }

    /// Where a path really is, with every link on the way taken into the archive. `proc/self` is a folder there, for a
    /// recording is of one process.
    private mutating func place(_ path: String) -> String {
        var rest = Array(path.split(separator: "/").reversed())
        var done: [Substring] = []
        var links = 0
        while let part = rest.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = done.popLast()
                continue
            }
            let candidate = (done + [part]).joined(separator: "/")
            guard candidate != "proc/self", links < 40, let target = try? root.target(ofLink: candidate) else {
                done.append(part)
                continue
            }
            links += 1
            note(candidate, .link(target))
            if target.hasPrefix("/") { done = [] }
            rest += target.split(separator: "/").reversed()
        }
        return done.joined(separator: "/")
    }

    private mutating func placeOfLink(_ path: String) -> String {
        var parts = path.split(separator: "/")
        guard let name = parts.popLast() else { return path }
        return "\(place(parts.joined(separator: "/")))/\(name)"
    }

    private mutating func archive() -> [UInt8] {
        var tar = TarArchive()
        for (path, item) in items.sorted(by: { $0.key < $1.key }) {
            let path = scrubber.path(path)
            switch item {
            case .folder: tar.addFolder(path)
            case .file(let bytes): tar.addFile(path, bytes)
            case .link(let target): tar.addLink(path, to: scrubber.path(target))
            }
        }
        tar.finish()
        return tar.bytes
    }
}
