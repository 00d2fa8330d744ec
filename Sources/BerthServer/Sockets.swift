package import BerthAgent

/// The kernel's side of what is served: the server itself asks the kernel nothing.
package protocol Sockets: Sendable {
    /// Has clients connect from now on.
    /// - Returns: the descriptor of a Unix socket that listens, which the server closes
    /// - Throws: where nobody can listen there
    func listen() throws -> Int32

    /// Takes away what was made for ``listen()``, when nobody is to connect any more.
    func stopListening()

    /// Who is at the other end of a connection that was just accepted; nil where nobody is any more. Its process is found
    /// by its number, as long as it began before.
    func peer(of connection: Int32) -> Peer?

    /// A peer with its process, asked for now: its number may be another process's tomorrow.
    func withProcess(_ peer: Peer, of connection: Int32) -> Peer
}
