internal import BerthHost
internal import BerthJSON
internal import BerthKernel

/// Knocks at the agent's socket, asks who listens and how it is.
enum AgentVisit {
    /// How long the agent may take to say how it is, in milliseconds.
    private static let patience: Int64 = 5000

    /// - Parameters:
    ///   - socket: what the person named; nil is BERTH_SOCKET or the packaged path
    ///   - root: the machine
    ///   - mount: where the cgroup v2 tree is mounted
    static func facts(_ socket: String?, _ root: Root, mount: String?) -> AgentFacts {
        let path = AgentSocket.path(socket)
        let process: AgentProcess?
        let peer: UnixStream.Peer
        do throws(KernelError) {
            peer = try UnixStream(connectingTo: path).peer()
            process = AgentProcess.read(root, peer: peer.pid, mount: mount)
        } catch {
            return AgentFacts(socket: path, contact: .refused(error))
        }
        do throws(CommandFailure) {
            let answer = try AgentConnection(socket).call(.get, "/v1/health", within: patience)
            return AgentFacts(
                socket: path, contact: .connected(user: peer.user), health: .answered(answer), process: process)
        } catch {
            // A problem with a state is an agent that says of itself that it starts or stops.
            if let document = error.document, document["state"]?.text != nil {
                return AgentFacts(
                    socket: path, contact: .connected(user: peer.user), health: .answered(document), process: process)
            }
            return AgentFacts(
                socket: path, contact: .connected(user: peer.user), health: .silent(error.message), process: process)
        }
    }
}
