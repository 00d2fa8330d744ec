internal import BerthAgent
internal import BerthModel
internal import Foundation

/// The state folder, and the ledger's files in it while SQLite has not opened them.
struct StateFolder: Sendable {
    /// Where it is.
    let path: String
    /// The database. SQLite keeps `-wal` and `-shm` beside it.
    var file: String { path + "/berth.db" }
    /// The database and what belongs to it.
    private static let endings = ["", "-wal", "-shm"]
    /// What every database of SQLite begins with.
    private static let magic = Array("SQLite format 3\u{0}".utf8)

    /// Makes the folder where it is missing, for the agent's user alone.
    func make() throws(LedgerError) {
        if mkdir(path, 0o700) == 0 { return }
        var code = errno
        if code == ENOENT {
            let parent = (path as NSString).deletingLastPathComponent
            do {
                try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            } catch {
                throw LedgerError("make the folder \(parent): \(error.localizedDescription)")
            }
            if mkdir(path, 0o700) == 0 { return }
            code = errno
        }
        guard code == EEXIST else { throw LedgerError("make the folder \(path)", code) }
    }

    /// Sees to it that the database is a file of mode 0600 that can be written; a new one is empty.
    /// - Throws: ``Damage`` for what is no such file and cannot be made one
    func prepare() throws {
        var status = stat()
        if lstat(file, &status) != 0 {
            let code = errno
            guard code == ENOENT else { throw LedgerError("look at \(file)", code) }
            // Without the database its log would be read into the new one.
            guard StateFolder.endings.allSatisfy({ access(file + $0, F_OK) != 0 }) else {
                throw Damage(reason: "the database is gone and its write-ahead log is left")
            }
            let descriptor = open(file, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw LedgerError("make \(file)", errno) }
            close(descriptor)
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Damage(reason: "it is no regular file") }
        for ending in StateFolder.endings where lstat(file + ending, &status) == 0 && status.st_mode & 0o7777 != 0o600 {
            // Where it cannot be done, opening tells whether it matters.
            _ = chmod(file + ending, 0o600)
        }
        // Closing a descriptor drops the locks of the whole process on a file, so only before SQLite has any.
        let descriptor = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let code = errno
            let failure = LedgerError("open \(file) for writing", code)
            // Anything else, such as too many open files, is not the file's fault.
            if [EACCES, EPERM, EROFS].contains(code) { throw Damage(reason: failure.description) }
            throw failure
        }
        defer { close(descriptor) }
        // SQLite would tidy up the log of what it cannot read.
        var header: [UInt8] = Array(repeating: 0, count: StateFolder.magic.count)
        let length = read(descriptor, &header, header.count)
        guard length == 0 || header == StateFolder.magic else { throw Damage(reason: "it is no SQLite database") }
    }

    /// Whether a ledger was set aside here, by this start or another.
    var hasOneAside: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.contains { $0.hasPrefix(StateFolder.aside) }
    }

    private static let aside = "berth.db.corrupt-"

    /// Gives the ledger's files another name, and returns that of the database.
    func setAside() throws(LedgerError) -> String {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000).description
        let stamp = now.prefix(19).filter { $0 != "-" && $0 != ":" }
        var name = "\(StateFolder.aside)\(stamp)Z"
        var number = 1
        while access("\(path)/\(name)", F_OK) == 0 {
            number += 1
            name = "\(StateFolder.aside)\(stamp)Z.\(number)"
        }
        for ending in StateFolder.endings where rename(file + ending, "\(path)/\(name)\(ending)") != 0 {
            let code = errno
            if code != ENOENT { throw LedgerError("set \(file)\(ending) aside as \(name)\(ending)", code) }
        }
        return name
    }
}

extension LedgerError {
    /// What was tried, and the errno that was the answer.
    fileprivate init(_ what: String, _ code: Int32) { self.init("\(what): \(String(cString: strerror(code)))") }
}

/// Holds a state folder against a second agent, for as long as it lives.
///
/// A process that was just forked has the lock too until it executes its program, and an agent that was just killed
/// until it is gone: so one that is held is tried again for a second.
final class FolderLock {
    private let descriptor: Int32

    init(_ folder: StateFolder) throws(LedgerError) {
        descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw LedgerError("open the folder \(folder.path)", errno)
        }
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            let code = errno
            guard code == EWOULDBLOCK else {
                close(descriptor)
                throw LedgerError("lock the folder \(folder.path)", code)
            }
            usleep(20_000)
        }
        close(descriptor)
        throw LedgerError("lock the folder \(folder.path): another agent uses it")
    }

    deinit { close(descriptor) }
}
