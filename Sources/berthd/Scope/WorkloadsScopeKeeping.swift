internal import BerthHost
internal import BerthKernel
internal import Logging

extension WorkloadsScope {
    /// Watches the holder, so that another takes its place where it ends.
    func keep(_ leaf: HolderLeaf) throws(ScopeError) {
        do throws(KernelError) {
            guard let holder = try leaf.holders().first, holder != watched else { return }
            // Of the process only its end matters, so it needs no boot to be told apart by.
            let process = try LiveProcess(holder, boot: "")
            // It keeps the actor too: the scope is seen to for as long as the agent runs.
            try watch.whenEnded(process) { Task { await self.holderEnded(holder) } }
            watched = holder
        } catch {
            throw ScopeError(error)
        }
    }

    /// The holder ended: by accident, or because the scope was stopped and everything in it with it.
    private func holderEnded(_ holder: Int32) async {
        guard watched == holder else { return }
        watched = nil
        while !Task.isCancelled {
            let since = ContinuousClock.now - (lastMade ?? ContinuousClock.now - WorkloadsScope.pause)
            if since < WorkloadsScope.pause {
                do { try await Task.sleep(for: WorkloadsScope.pause - since) } catch { return }
            }
            // Somebody else may have asked for the scope meanwhile.
            guard watched == nil else { return }
            do throws(ScopeError) {
                _ = try ensure()
                return
            } catch {
                lastMade = .now
                logger.error("the scope of the workloads ended and cannot be made again: \(error)")
            }
        }
    }
}
