package import BerthKernel
internal import Synchronization

/// The processes whose end is waited for. Each holds its descriptor open.
struct ProcessWatches {
    private var entries: [WatchToken: (process: LiveProcess, body: KernelWatch.Body)] = [:]

    mutating func insert(_ token: WatchToken, _ process: LiveProcess, _ body: @escaping KernelWatch.Body) {
        entries[token] = (process, body)
    }

    mutating func remove(_ token: WatchToken) -> (process: LiveProcess, body: KernelWatch.Body)? {
        entries.removeValue(forKey: token)
    }
}

extension KernelWatch {
    /// Calls `body` once when the process ends; at once when it already has. Its descriptor is held open until then, or
    /// until this is cancelled.
    @discardableResult
    package func whenEnded(
        _ process: LiveProcess, _ body: @escaping @Sendable () -> Void
    ) throws(KernelError) -> WatchToken {
        let token = waiting.withLock { waiting in
            let token = waiting.token()
            waiting.processes.insert(token, process, body)
            return token
        }
        do throws(KernelError) {
            try add(process.descriptor, token.number)
        } catch {
            waiting.withLock { _ = $0.processes.remove(token) }
            throw error
        }
        return token
    }

    /// Calls whoever waits for the process behind a token, unless that was cancelled meanwhile.
    func callEnded(_ token: WatchToken) {
        guard let entry = waiting.withLock({ $0.processes.remove(token) }) else { return }
        remove(entry.process.descriptor)
        entry.body()
    }
}
