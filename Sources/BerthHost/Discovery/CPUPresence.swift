internal import BerthModel

/// Which logical CPUs there are, and which of them can run something.
struct CPUPresence: Equatable {
    /// nil where nothing says.
    var online: CPUSet?
    /// Plugged in, online or not; nil without sysfs, for `/proc` lists only what is online.
    var present: CPUSet?

    /// Reads `/sys/devices/system/cpu/online` and `present`. Where an old kernel has them not, each CPU's own folder
    /// says it (the boot CPU has no `online` file, it cannot leave), and without sysfs `/proc/stat`, which lists the
    /// CPUs that are online, or `/proc/cpuinfo`.
    static func discover(_ folders: CPUFolders, info: CPUInfo?) -> CPUPresence {
        let reader = folders.reader
        var presence = CPUPresence(
            online: reader.list("\(CPUFolders.place)/online").nonEmpty,
            present: reader.list("\(CPUFolders.place)/present").nonEmpty)
        if presence.online == nil { presence.online = online(among: folders).nonEmpty }
        if presence.present == nil { presence.present = folders.cpus.nonEmpty }
        if presence.online == nil { presence.online = running(reader).nonEmpty }
        if presence.online == nil, let info { presence.online = CPUSet(info.rows.map(\.id)).nonEmpty }
        if let online = presence.online, let present = presence.present { presence.present = present.union(online) }
        return presence
    }

    /// CPUs whose folder does not say that they are offline.
    private static func online(among folders: CPUFolders) -> CPUSet {
        var online = folders.cpus
        for cpu in folders.cpus where folders.reader.integer("\(CPUFolders.place)/cpu\(cpu)/online") == 0 {
            online.remove(cpu)
        }
        guard !online.isEmpty else { return online }
        return online.subtracting(folders.reader.list("\(CPUFolders.place)/offline") ?? [])
    }

    /// The CPUs of `/proc/stat`: `cpu3 201531 39 …`.
    private static func running(_ reader: HostReader) -> CPUSet? {
        var running = CPUSet()
        reader.contents("proc/stat")?.forEachLine { line in
            guard line.starts(with: "cpu"), let number = line.extracting(droppingFirst: 3).leadingInteger,
                number < CPUSet.capacity
            else { return }
            running.insert(number)
        }
        return running
    }
}

extension HostReader {
    /// The numbers in the names of a folder's entries that are `prefix` and a number: `cpu0`, `cpu1`, not `cpufreq`.
    func numbered(_ prefix: String, in folder: String) -> CPUSet {
        var numbers = CPUSet()
        for name in names(folder) where name.hasPrefix(prefix) {
            let digits = name.utf8.dropFirst(prefix.utf8.count)
            guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                let number = Int(Substring(digits)), number < CPUSet.capacity
            else { continue }
            numbers.insert(number)
        }
        return numbers
    }
}

extension CPUSet? {
    /// The set, or nil when it has no member: no host is without CPUs, so an empty list says nothing.
    var nonEmpty: CPUSet? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension CPUSet {
    /// The set, or nil when it has no member.
    var nonEmpty: CPUSet? { isEmpty ? nil : self }
}
