internal import BerthModel

/// The folders of the CPUs, `/sys/devices/system/cpu/cpu0` and so on.
struct CPUFolders {
    /// Where they are.
    static let place = "sys/devices/system/cpu"

    let reader: HostReader
    /// The CPUs that have one; empty where the list of folders cannot be read.
    let cpus: CPUSet

    init(_ reader: HostReader) {
        self.reader = reader
        cpus = reader.numbered("cpu", in: CPUFolders.place)
    }

    /// Whether it is worth looking for a CPU's folder. A list of online CPUs that a stranger wrote may name 65,536.
    func mayHave(_ cpu: Int) -> Bool { cpus.isEmpty || cpus.contains(cpu) }
}
