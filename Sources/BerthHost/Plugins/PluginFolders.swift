internal import BerthKernel
internal import BerthModel
internal import BerthPluginKit
internal import Glibc

/// Folders with a size that a plugin wants for a reservation, which take privileges that it does not have.
extension PluginProvision {
    /// The most folders of a reservation.
    static let mostFolders = 64
    /// The least size of a folder, in bytes: what file systems count quotas in.
    static let leastBytes: Int64 = 1024

    /// Why one that gives folders cannot.
    static let noHome = PluginSupervisor.CallFailure.failed(
        Failure("it gives folders, and has no state folder: its manifest lacks needs.state"))

    /// Reads the member `quotas` of an answer.
    static func folders(
        _ quotas: [String: Int64]
    ) throws(PluginSupervisor.CallFailure) -> [(path: FolderPath, bytes: Int64)] {
        guard quotas.count <= mostFolders else {
            throw .failed(Failure("it gives \(quotas.count) folders; \(mostFolders) are the most"))
        }
        return try quotas.sorted { $0.key < $1.key }.map { (name, bytes) throws(PluginSupervisor.CallFailure) in
            guard let path = FolderPath(name) else {
                throw .failed(Failure("it gives \(name.excerpt), which is no path below its state folder"))
            }
            guard bytes >= leastBytes else {
                throw .failed(Failure("it gives \(name.excerpt) \(bytes) bytes; \(leastBytes) are the least"))
            }
            return (path, bytes)
        }
    }
}

extension PluginProvider {
    /// Gives the folders of an answer to a reservation's user. Those of an earlier answer that this one does not name stay
    /// as they are until the reservation ends.
    func give(
        _ folders: [(path: FolderPath, bytes: Int64)], to reservation: Reservation, _ former: [SizedFolder],
        by keeper: FolderKeeper
    ) async throws(PluginSupervisor.CallFailure) -> [SizedFolder] {
        guard !folders.isEmpty else { return former }
        guard let home = supervisor.home else {
            throw PluginProvision.noHome
        }
        let owners = FolderKeeper.Owners(plugin: home.user, reservation: reservation.user)
        var given = former
        do throws(KernelError) {
            for (path, bytes) in folders {
                let name = path.names.joined(separator: "/")
                let index = given.firstIndex { $0.name == name && $0.home == home.path }
                let folder = try await keeper.give(
                    path, in: home.path, bytes: bytes, to: owners, former: index.map { given[$0] })
                if let index { given[index] = folder } else { given.append(folder) }
            }
        } catch {
            throw .failed(Failure("its folder cannot be given: \(error)"))
        }
        return given
    }
}
