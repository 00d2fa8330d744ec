import BerthAgent
import BerthModel
import Foundation
import GRDB
import Testing

@testable import BerthLedger

@Suite("Setting a ledger aside") struct StateFolderTests {
    /// What can have become of a ledger. It was closed, so that all is in one file.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case text, garbage, garbageAfterTheFirstPage, truncated, halfAPage, newerTables, otherProgram, missingTable
        case folder, link, onlyItsLog

        var testDescription: String { rawValue }

        func plant(_ path: String) throws {
            let files = FileManager.default
            switch self {
            case .text: try "what: is this\n".write(toFile: path, atomically: true, encoding: .utf8)
            case .garbage: try Damaging.overwrite(path, from: 0, count: 40_000)
            case .garbageAfterTheFirstPage: try Damaging.overwrite(path, from: 4096, count: 100_000)
            case .truncated: try Damaging.truncate(path, to: 5 * 4096)
            case .halfAPage: try Damaging.truncate(path, to: 2000)
            case .newerTables: try execute("PRAGMA user_version = 2", path)
            case .otherProgram: try execute("PRAGMA application_id = 7", path)
            case .missingTable: try execute("DROP TABLE held", path)
            case .folder:
                try files.removeItem(atPath: path)
                try files.createDirectory(atPath: path + "/inside", withIntermediateDirectories: true)
            case .link:
                try files.moveItem(atPath: path, toPath: path + ".elsewhere")
                try files.createSymbolicLink(atPath: path, withDestinationPath: path + ".elsewhere")
            case .onlyItsLog: try files.moveItem(atPath: path, toPath: path + "-wal")
            }
        }

        /// Whether it is seen before SQLite is let to write, so that the file stays exactly as it was.
        var isSeenBeforeWriting: Bool {
            switch self {
            case .text, .garbage, .halfAPage, .newerTables, .otherProgram: true
            default: false
            }
        }

        private func execute(_ sql: String, _ path: String) throws {
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
        }

        /// What the complaint says of it.
        var words: String {
            switch self {
            case .text, .garbage: "it is no SQLite database"
            case .garbageAfterTheFirstPage, .truncated: "malformed"
            case .halfAPage: "database"
            case .newerTables: "its tables have version 2, and this agent knows version 1"
            case .otherProgram: "it is the database of another program (application_id 7)"
            case .missingTable: "no such table: held"
            case .folder, .link: "it is no regular file"
            case .onlyItsLog: "the database is gone and its write-ahead log is left"
            }
        }
    }

    @Test("a file that is no ledger is kept under another name, and a new ledger begun", arguments: Fault.allCases)
    func faults(fault: Fault) async throws {
        let folder = TemporaryFolder()
        var ledger = SQLiteLedger(folder: folder.path)
        let epoch = try await ledger.load().epoch
        var story = Story()
        try await ledger.storeAndWait(story.batch(300, snapshot: true))
        try await ledger.storeAndWait(story.batch(300))
        await ledger.close()
        try fault.plant(folder.file)
        let spoilt = FileManager.default.contents(atPath: folder.file)

        ledger = SQLiteLedger(folder: folder.path)
        let contents = try await ledger.load()
        #expect(contents.epoch != epoch && contents.events.isEmpty && contents.snapshot.reservations.isEmpty)
        let text = try #require(contents.setAside)
        #expect(text.hasPrefix("\(folder.file) cannot be used: ") && text.contains(fault.words), "\(text)")
        let ending = fault == .onlyItsLog ? "-wal" : ""
        let isAside = { (name: String) in name.hasPrefix("berth.db.corrupt-20") && name.hasSuffix("Z" + ending) }
        let aside = try #require(folder.names.first(where: isAside), "\(folder.names)")
        #expect(text.contains(ending.isEmpty ? "set aside as \(aside)" : "set aside as \(aside.dropLast(4))"))
        if fault.isSeenBeforeWriting {
            #expect(FileManager.default.contents(atPath: folder.path + "/" + aside) == spoilt)
        }

        story = Story(after: contents.last)
        try await ledger.storeAndWait(story.batch(60))
        await ledger.close()
        let again = try await SQLiteLedger(folder: folder.path).load()
        #expect(again.epoch == contents.epoch && again.setAside == nil && again.state.isLike(story.state))
    }

    @Test("one that is begun later, where the first try failed, counts from another number too")
    func secondTry() async throws {
        let folder = TemporaryFolder()
        let aside = folder.path + "/berth.db.corrupt-20260101T000000Z"
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: aside, contents: Data()))
        #expect(try await SQLiteLedger(folder: folder.path).load().last > 1_000_000_000_000_000)
        #expect(try await SQLiteLedger(folder: TemporaryFolder().path).load().last == 0)
    }

    @Test("a ledger that crashed keeps its log beside it when it is set aside, and the new one does not read that")
    func logGoesAlong() async throws {
        let folder = TemporaryFolder()
        let crashed = SQLiteLedger(folder: folder.path)
        _ = try await crashed.load()
        var story = Story()
        try await crashed.storeAndWait(story.batch(60))
        let copy = TemporaryFolder()
        // As a crash leaves them: the database, and in its log all that was stored.
        try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
        #expect(copy.names == ["berth.db", "berth.db-shm", "berth.db-wal"])
        try Damaging.overwrite(copy.file, from: 0, count: 100)
        try FileManager.default.removeItem(atPath: copy.file + "-wal")
        try Data(repeating: 1, count: 5000).write(to: URL(fileURLWithPath: copy.file + "-wal"))
        let ledger = SQLiteLedger(folder: copy.path)
        let contents = try await ledger.load()
        #expect(contents.setAside != nil && contents.events.isEmpty)
        let aside = copy.names.filter { $0.hasPrefix("berth.db.corrupt-") }
        #expect(aside.count == 3 && aside.contains { $0.hasSuffix("Z-wal") }, "\(aside)")
        story = Story(after: contents.last)
        try await ledger.storeAndWait(story.batch(3))
        await ledger.close()
        #expect(try await SQLiteLedger(folder: copy.path).load().last == contents.last + 3)
    }

    @Test("two that are set aside in one second have two names")
    func names() throws {
        let folder = TemporaryFolder()
        let state = StateFolder(path: folder.path)
        try state.make()
        var names: Set<String> = []
        for _ in 0..<5 {
            try "x".write(toFile: folder.file, atomically: true, encoding: .utf8)
            names.insert(try state.setAside())
        }
        #expect(names.count == 5 && Set(folder.names) == names)
    }

    @Test("a file that only lost its modes gets them back, and nothing is lost", arguments: [0o400, 0o644, 0])
    func modes(mode: Int) async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(60))
        await ledger.close()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file)
        let contents = try await SQLiteLedger(folder: folder.path).load()
        #expect(contents.setAside == nil && contents.last == 60)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test(
        "a file that its user may only read is set aside, where the folder is the user's",
        .enabled(if: geteuid() == 0, "another user is needed, so only root can try"))
    func readOnly() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        let epoch = try await ledger.load().epoch
        await ledger.close()
        #expect(chmod(folder.file, 0o444) == 0 && chown(folder.path, 65534, 65534) == 0)
        await #expect(processExitsWith: .success) { [path = folder.path as String, epoch = epoch as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            let contents = try await SQLiteLedger(folder: path).load()
            #expect(contents.epoch != epoch)
            #expect(contents.setAside?.contains("for writing: Permission denied") == true)
        }
        #expect(folder.names.contains { $0.hasPrefix("berth.db.corrupt-") })
    }

    @Test(
        "where the folder cannot be written the start fails, and says why",
        .enabled(if: geteuid() == 0, "another user is needed, so only root can try"))
    func readOnlyFolder() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        await ledger.close()
        #expect(chmod(folder.path, 0o755) == 0 && chmod(folder.file, 0o444) == 0)
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            let error = await #expect(throws: LedgerError.self) { _ = try await SQLiteLedger(folder: path).load() }
            #expect(error?.description.contains("set \(path)/berth.db aside as ") == true)
            #expect(error?.description.hasSuffix("Permission denied") == true)
        }
        #expect(folder.names == ["berth.db"])
    }
}
