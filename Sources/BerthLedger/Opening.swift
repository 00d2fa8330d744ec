internal import BerthAgent
internal import Foundation
internal import GRDB

extension Writer {
    /// Reads the ledger, opening it first where it is not open, and from then on stores again. A damaged file is set
    /// aside and a new ledger begun.
    func load() -> Result<LedgerContents, LedgerError> {
        do throws(LedgerError) {
            try folder.make()
            if lock == nil { lock = try FolderLock(folder) }
            var isNew = false
            var tries = 0
            while true {
                do {
                    if let damage { throw damage }
                    let loaded = try loadFile()
                    failure = nil
                    mayCompact = true
                    mayRest = true
                    let complaints = setAside + (loaded.complaint.map { ["\(folder.file): \($0)"] } ?? [])
                    setAside = []
                    return .success(
                        LedgerContents(
                            epoch: loaded.epoch, snapshot: loaded.snapshot, events: loaded.events,
                            setAside: complaints.isEmpty ? nil : complaints.joined(separator: "; ")))
                } catch {
                    if Damage.mayPass(error), tries < Writer.mostTries {
                        tries += 1
                        closeFile()
                        Thread.sleep(forTimeInterval: 1)
                        continue
                    }
                    guard let damage = Damage(error), !isNew else {
                        throw error as? LedgerError ?? LedgerError("read \(folder.file): \(error)")
                    }
                    closeFile()
                    let name = try folder.setAside()
                    setAside.append(
                        "\(folder.file) cannot be used: \(damage.reason); "
                            + "it was set aside as \(name) and a new one begun")
                    self.damage = nil
                    isNew = true
                }
            }
        } catch {
            failure = error
            return .failure(error)
        }
    }

    /// How often a page that cannot be read is tried again, a second later each time.
    private static let mostTries = 5

    private func loadFile() throws -> Loaded {
        let loaded: Loaded
        let file: LedgerFile
        if let open = self.file {
            file = open
            loaded = try open.reload(prepare: prepare)
        } else {
            try folder.prepare()
            // A client that goes on with a number of a ledger that was set aside must not be given what comes after it in the
            // one that is begun: that counts from the microseconds since 1970, which no ledger has counted to.
            let last = folder.hasOneAside ? Int64(Date().timeIntervalSince1970 * 1_000_000) : 0
            (file, loaded) = try LedgerFile.open(folder.file, after: last, prepare: prepare)
            self.file = file
        }
        readSide.set(ReadSide.Current(pool: file.pool, position: file.position))
        return loaded
    }

    /// Closes the file; nothing is stored or read from then on.
    func closeFile() {
        readSide.set(nil)
        failure = LedgerError("the ledger is closed")
        // Where closing fails the connections go with their last reader, and leave a file of another name alone.
        try? file?.close()
        file = nil
    }
}
