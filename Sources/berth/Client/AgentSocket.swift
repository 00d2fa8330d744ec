internal import BerthKernel
internal import Glibc

/// Where the agent listens.
enum AgentSocket {
    /// Where the packaged agent listens.
    static let packaged = "/run/berth/berth.sock"

    /// The path to use: what the person named, else BERTH_SOCKET, else the packaged one.
    static func path(_ named: String?) -> String {
        if let named { return named }
        guard let text = getenv("BERTH_SOCKET") else { return packaged }
        let path = String(cString: text)
        return path.isEmpty ? packaged : path
    }

    /// The same from the root on, for a process that will be elsewhere. Where nobody knows where this one is, as it is.
    static func absolutePath(_ named: String?) -> String {
        let path = path(named)
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// Why the agent cannot be spoken to, and what to do.
    static func failure(_ error: KernelError, at path: String) -> CommandFailure {
        if error.saysNobodyListens {
            let hint =
                path == packaged
                ? "is berthd running? See: systemctl status berthd"
                : "is berthd running with --socket \(path)? Else name its socket by --socket or BERTH_SOCKET"
            return CommandFailure("no agent listens at \(path) (\(error.name))", hint: hint)
        }
        if error.saysForbidden {
            return CommandFailure(
                "you may not speak to the agent at \(path) (\(error.name))",
                hint: "you must be in the group berth: sudo usermod -aG berth \"$USER\", then log in again")
        }
        return failure(error)
    }

    /// What went wrong on a connection that was there.
    static func failure(_ error: KernelError) -> CommandFailure {
        if error.saysTooSlow {
            return CommandFailure("\(error)", hint: "the agent is stuck or very busy. See: systemctl status berthd")
        }
        if error.saysClosed {
            return CommandFailure(
                "the agent closed the connection (\(error.name))", hint: "did it stop? See: systemctl status berthd")
        }
        return CommandFailure("\(error)")
    }
}

extension KernelError {
    /// The error's name alone: `ENOENT`.
    fileprivate var name: String { String(errorName(code).prefix { $0 != " " }) }
}
