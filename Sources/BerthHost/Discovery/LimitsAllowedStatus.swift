internal import BerthModel

/// The CPUs and memory nodes of `/proc/self/status`.
struct AllowedStatus: Equatable {
    private(set) var cpus: CPUSet?
    private(set) var nodes: CPUSet?

    static let path = "proc/self/status"

    static func discover(_ reader: HostReader) -> AllowedStatus {
        var status = AllowedStatus()
        reader.contents(path)?.forEachField { key, value in
            let isCPUs = key.equals("Cpus_allowed_list")
            guard isCPUs || key.equals("Mems_allowed_list") else { return }
            do throws(ParseError) {
                let set = try CPUSet(parsing: value.text).nonEmpty
                if isCPUs { status.cpus = set } else { status.nodes = set }
            } catch {
                reader.noteWrong(path, error)
            }
        }
        return status
    }
}
