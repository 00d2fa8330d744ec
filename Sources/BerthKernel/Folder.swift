internal import CLinux
internal import Glibc

/// What a name in a folder is.
package enum EntryKind: Hashable, Sendable {
    case file, folder, link, other
}

/// One name in a folder.
package struct Entry: Hashable, Sendable {
    package let name: String
    package let kind: EntryKind
}

extension Root {
    /// The names in a folder with what they are, sorted by name, without `.` and `..`.
    package func entries(_ path: String) throws(KernelError) -> [Entry] {
        try Root.entries(of: try open(path, flags: O_RDONLY | O_DIRECTORY), shown(path))
    }

    /// The same of an open folder; `path` is for errors.
    static func entries(of folder: consuming Descriptor, _ path: String) throws(KernelError) -> [Entry] {
        let number = folder.release()
        guard let folder = fdopendir(number) else {
            let code = errno
            _ = close(number)
            throw KernelError("open", path, code: code)
        }
        defer { closedir(folder) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            entries.append(Entry(name: name, kind: EntryKind(directoryType: entry.pointee.d_type)))
        }
        guard errno == 0 else { throw KernelError("list", path, code: errno) }
        return entries.sorted { $0.name < $1.name }
    }

    /// What a path names, links followed.
    package func kind(_ path: String) throws(KernelError) -> EntryKind {
        let entry = try open(path, flags: BERTH_O_PATH)
        var status = stat()
        guard fstat(entry.number, &status) == 0 else { throw KernelError("look at", shown(path), code: errno) }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .other
        }
    }

    /// Whether a path names something that can be reached, links followed.
    package func has(_ path: String) -> Bool {
        do throws(KernelError) {
            _ = try open(path, flags: BERTH_O_PATH)
            return true
        } catch {
            return false
        }
    }

    /// Where a symbolic link points, as it is written.
    package func target(ofLink path: String) throws(KernelError) -> String {
        let link = try open(path, flags: BERTH_O_PATH | O_NOFOLLOW)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = readlinkat(link.number, "", &buffer, buffer.count)
        guard count >= 0 else { throw KernelError("read link", shown(path), code: errno) }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}

extension Root {
    /// The path with every link on the way followed, below the root and without a leading slash; nil when it leads
    /// nowhere, out of the root, or through more than 40 links (the kernel's own limit, path_resolution(7)).
    package func resolved(_ path: String) -> String? {
        var rest = path.split(separator: "/").reversed().map(String.init)
        var done: [String] = []
        var links = 0
        while let part = rest.popLast() {
            switch part {
            case ".": continue
            case "..":
                _ = done.popLast()
                continue
            default: break
            }
            let candidate = (done + [part]).joined(separator: "/")
            do throws(KernelError) {
                let target = try target(ofLink: candidate)
                links += 1
                guard links <= 40 else { return nil }
                if target.hasPrefix("/") { done = [] }
                rest += target.split(separator: "/").reversed().map(String.init)
            } catch {
                // readlinkat(2) on what is no link is EINVAL, or ENOENT for an empty path on a descriptor.
                guard has(candidate) else { return nil }
                done.append(part)
            }
        }
        return done.joined(separator: "/")
    }
}

extension EntryKind {
    fileprivate init(directoryType: UInt8) {
        switch Int(directoryType) {
        case DT_REG: self = .file
        case DT_DIR: self = .folder
        case DT_LNK: self = .link
        default: self = .other
        }
    }
}
