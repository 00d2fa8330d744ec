internal import Glibc

/// A program as a shell finds it: by its path, or by its name in the folders of PATH.
package struct Program: Hashable, Sendable {
    /// Where it lies; always with a slash in it, so that nothing looks for it in PATH again. The bytes of the file system,
    /// which need not be text.
    package let path: [UInt8]

    /// Why a program cannot be started.
    package enum Missing: Error, Hashable, Sendable {
        /// There is no file of that name.
        case notFound
        /// There is one, and the caller may not execute it.
        case notExecutable
    }

    /// Finds a program by the rules of execvp(3): a name with a slash is a path, any other is looked for in every folder.
    /// - Parameters:
    ///   - name: the name or path
    ///   - folders: the value of PATH; an empty folder in it is the current one
    package static func find(_ name: [UInt8], in folders: [UInt8]) throws(Missing) -> Program {
        guard !name.isEmpty, !name.contains(0) else { throw .notFound }
        if name.contains(UInt8(ascii: "/")) {
            guard try isExecutable(name) else { throw .notFound }
            return Program(path: name)
        }
        var isForbidden = false
        for folder in folders.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            let candidate = (folder.isEmpty ? [UInt8(ascii: ".")] : Array(folder)) + [UInt8(ascii: "/")] + name
            do throws(Missing) {
                if try isExecutable(candidate) { return Program(path: candidate) }
            } catch {
                isForbidden = true
            }
        }
        throw isForbidden ? .notExecutable : .notFound
    }

    /// The caller's PATH, and where it has none what the C library looks through.
    package static var folders: [UInt8] {
        guard let path = getenv("PATH") else { return Array("/bin:/usr/bin".utf8) }
        return Array(UnsafeBufferPointer(start: path, count: strlen(path))).map { UInt8(bitPattern: $0) }
    }

    /// Becomes this program, with this process's number, descriptors and environment. A file without a known format is
    /// given to the shell, as execvp(3) does. Returns only where the kernel refuses.
    /// - Parameter arguments: the arguments, the first of them the program's own name, ended by nil
    package func become(_ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>) -> KernelError {
        let code = (path + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters -> Int32 in
                guard let start = characters.baseAddress else { return ENOENT }
                execvp(start, arguments)
                return errno
            }
        }
        return KernelError("execute", String(decoding: path, as: UTF8.self), code: code)
    }

    private static func isExecutable(_ path: [UInt8]) throws(Missing) -> Bool {
        var status = stat()
        let (found, code) = (path + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters -> (Bool, Int32) in
                guard let start = characters.baseAddress else { return (false, ENOENT) }
                guard stat(start, &status) == 0 else { return (false, errno) }
                guard status.st_mode & S_IFMT == S_IFREG else { return (false, EACCES) }
                return (faccessat(AT_FDCWD, start, X_OK, AT_EACCESS) == 0, errno)
            }
        }
        if found { return true }
        // A folder that may not be searched may have the program.
        if code == EACCES { throw .notExecutable }
        return false
    }
}
