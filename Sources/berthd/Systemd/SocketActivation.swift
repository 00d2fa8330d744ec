internal import BerthKernel
internal import CSystemd

/// The socket that systemd listened on before the agent was there: sd_listen_fds(3).
enum SocketActivation {
    /// Why the sockets that were handed over cannot be served.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// The descriptor of the socket; nil where none was handed over.
    static func descriptor() throws(Failure) -> Int32? {
        let count = sd_listen_fds(0)
        guard count != 0 else { return nil }
        guard count > 0 else {
            throw Failure(description: "take over systemd's socket: \(errorName(-count))")
        }
        guard count == 1 else {
            throw Failure(
                description: "systemd handed over \(count) sockets, and the agent serves one: see ListenStream= in "
                    + "`systemctl cat berthd.socket`")
        }
        return SD_LISTEN_FDS_START
    }
}
