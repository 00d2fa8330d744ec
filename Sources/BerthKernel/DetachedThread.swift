internal import Glibc

/// A thread of its own for what waits in system calls: the shared pool has as many threads as the host has cores, and one
/// that waits there would hold up all others.
package enum DetachedThread {
    /// Starts a thread that runs `body` and ends with it.
    /// - Parameter purpose: what it is for, as an error says it
    /// - Throws: EAGAIN where the system has no room for another one: pthread_create(3)
    package static func start(
        _ purpose: String, _ body: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw KernelError("start", purpose, code: code)
        }
        pthread_detach(thread)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
