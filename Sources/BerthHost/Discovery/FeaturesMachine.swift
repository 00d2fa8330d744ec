internal import BerthKernel
internal import Glibc

/// What only calls can tell of a machine, and no file.
package struct MachineAnswers: Sendable {
    /// The machine by uname(2): `x86_64`.
    package var architecture: String?
    /// Size of a memory page in bytes, by sysconf(3).
    package var pageBytes: Int?

    package init(architecture: String? = nil, pageBytes: Int? = nil) {
        self.architecture = architecture
        self.pageBytes = pageBytes
    }

    /// The machine itself answers; a recorded host cannot.
    package static func of(_ reader: HostReader) -> MachineAnswers {
        guard reader.root.isLive else { return MachineAnswers() }
        var answers = MachineAnswers()
        let size = sysconf(Int32(_SC_PAGESIZE))
        answers.pageBytes = size > 0 ? size : nil
        var name = utsname()
        if uname(&name) == 0 {
            answers.architecture = withUnsafeBytes(of: &name.machine) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        return answers
    }
}
