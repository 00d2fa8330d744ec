package import NIOCore

/// What the server calls itself, and what it lets clients take.
package struct ServerConfiguration: Sendable {
    /// What `GET /v1/health` and the API's document call the version.
    package var version: String
    /// Threads that read, decide and write; one is enough for a host, and two are the most that ever help.
    package var threads: Int
    /// What clients may take.
    package var limits: Limits

    package init(version: String, threads: Int = 1, limits: Limits = Limits()) {
        self.version = version
        self.threads = threads
        self.limits = limits
    }
}

/// What clients may take of the server, and how long it waits for them.
package struct Limits: Hashable, Sendable {
    /// Connections at a time. Root may have 64 more, so that an administrator gets in when users fill the house.
    package var connections = 4096
    /// Connections at a time of one user other than root.
    package var connectionsPerUser = 64
    /// Bytes of a request's first line and header fields.
    package var headBytes = 32 << 10
    /// Bytes of a request's body.
    package var bodyBytes = 1 << 20
    /// From the first byte of a request to the end of its header.
    package var headTime: TimeAmount = .seconds(10)
    /// From the end of a request's header to the end of its body.
    package var bodyTime: TimeAmount = .seconds(10)
    /// How long a connection may stay open between two requests.
    package var idleTime: TimeAmount = .seconds(60)
    /// How long a client may leave unread what it was sent.
    package var writeTime: TimeAmount = .seconds(30)
    /// How long a client may go on sending after it was refused, so that it reads the answer and not a broken pipe.
    package var lingerTime: TimeAmount = .seconds(1)
    /// After so long without an event a stream gets a comment, by which its client knows that it still is one.
    package var keepAliveTime: TimeAmount = .seconds(15)
    /// How long requests have to finish once the server is told to stop.
    package var shutdownTime: TimeAmount = .seconds(5)

    package init() {}
}
