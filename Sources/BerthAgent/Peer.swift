/// Who is at the other end of a connection, as the kernel says; never what the client says.
package struct Peer: Sendable {
    /// Effective user at the time of connect(2): SO_PEERCRED.
    package var user: UInt32
    /// All its groups: SO_PEERCRED and SO_PEERGROUPS, never the name service.
    package var groups: [UInt32]
    /// Its process number in the agent's pid namespace: SO_PEERCRED.
    package var pid: Int32
    /// The process itself, asked for when it is needed: by SO_PEERPIDFD, or by number where the kernel has none.
    package var process: @Sendable () throws(AttachError) -> any ProcessHandle

    package init(
        user: UInt32, groups: [UInt32], pid: Int32,
        process: @escaping @Sendable () throws(AttachError) -> any ProcessHandle
    ) {
        self.user = user
        self.groups = groups
        self.pid = pid
        self.process = process
    }
}
