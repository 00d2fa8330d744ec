internal import BerthCore
package import BerthModel

/// Events as they become durable, for any number of clients.
///
/// A stream pulls: it asks for what comes after the last event it has sent. So a slow client costs nothing but its
/// connection, and misses nothing.
extension Agent {
    /// The id of the last durable event.
    package var lastEvent: Int64 { nextEvent - 1 - Int64(unstored.count) }

    /// The events after an id that the peer may see, and the id to ask with next. Waits until there are any, or until
    /// the task is cancelled; then both are as they were.
    /// - Throws: `.compacted` for an id that is older than what is kept, or that was never given
    package func events(
        after id: Int64, for peer: Peer, limit: Int = 500
    ) async throws(AgentError) -> (events: [Event], last: Int64) {
        try need(.observe, peer)
        let caller = self.caller(peer)
        var last = id
        while !Task.isCancelled {
            let events = try await stored(after: last, limit: limit)
            last = events.last?.id ?? last
            let visible = events.filter { $0.reservation == nil || caller.isAdmin || $0.user == caller.user }
            if !visible.isEmpty { return (visible, last) }
            if events.isEmpty { await nextPublication() }
        }
        return ([], last)
    }

    private func stored(after id: Int64, limit: Int) async throws(AgentError) -> [Event] {
        if id == lastEvent { return [] }
        if id < lastEvent, let events = recent.after(id, limit: limit) { return Array(events) }
        // What the ledger has and no stream was told of yet is not for this answer.
        let last = lastEvent
        let oldest = try await oldestKept()
        // An id above the last one was given by another ledger.
        guard id >= oldest, id <= last else { throw .compacted(oldest: oldest) }
        do throws(LedgerError) {
            return try await ports.ledger.events(after: id, limit: limit).filter { $0.id <= last }
        } catch {
            // What was kept a moment ago may be gone.
            let oldest = try await oldestKept()
            throw id < oldest ? .compacted(oldest: oldest) : .ledger(error)
        }
    }

    private func oldestKept() async throws(AgentError) -> Int64 {
        do throws(LedgerError) { return try await ports.ledger.oldest() } catch { throw .ledger(error) }
    }

    /// Waits for something new, or for the task to be cancelled.
    private func nextPublication() async {
        nextListener += 1
        let listener = nextListener
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { listeners[listener] = continuation }
            }
        } onCancel: {
            Task { await self.stopListening(listener) }
        }
    }

    private func stopListening(_ listener: Int) {
        listeners.removeValue(forKey: listener)?.resume()
    }
}
