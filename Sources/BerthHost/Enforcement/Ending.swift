package import BerthCore
internal import BerthKernel
package import BerthModel
internal import Glibc
internal import Synchronization

/// Ending what runs in a leaf, and giving the leaf back.
extension CgroupEnforcer {
    /// How long the kernel may take to end what was killed.
    private static let killMilliseconds: Int64 = 5000

    /// What is in a leaf now. One that is not there is empty.
    package func look(at id: ReservationID) -> LeafState {
        guard let leaf = leaves[id] else { return LeafState(isEmpty: true) }
        do throws(KernelError) {
            return LeafState(isEmpty: try !leaf.group.isPopulated(), outOfMemory: leaf.outOfMemory)
        } catch {
            return LeafState(isEmpty: error.saysGone)
        }
    }

    /// Ends whatever runs in a reservation: SIGTERM, the grace, then a kill of the whole leaf. What cannot be killed keeps
    /// the leaf.
    package func end(_ id: ReservationID, grace: Duration) async -> EndedLeaf {
        guard let leaf = leaves[id] else {
            await giveBack(id)
            return EndedLeaf()
        }
        if !look(at: id).isEmpty, grace > .zero {
            send(SIGTERM, to: leaf.group)
            _ = await isEmptied(leaf.group, within: grace.milliseconds)
        }
        var usage: Usage?
        do throws(KernelError) {
            if !look(at: id).isEmpty {
                try leaf.group.kill()
                _ = await isEmptied(leaf.group, within: CgroupEnforcer.killMilliseconds)
            }
            usage = leaf.usage
            guard look(at: id).isEmpty else { throw KernelError("empty", leaf.group.path, code: EBUSY) }
            try removeLeaf(id)
        } catch {
            if let quarantine = quarantine(of: leaf, after: error) {
                return EndedLeaf(usage: usage ?? leaf.usage, quarantine: quarantine)
            }
            // A leaf that stays without a process in it is cleaned at the next start.
            leaves[id] = nil
        }
        await giveBack(id)
        return EndedLeaf(usage: usage ?? leaf.usage)
    }

    /// What keeps a leaf that could not be ended; nil where nothing runs in it. What the kernel does not tell of may run.
    private func quarantine(of leaf: Leaf, after failure: KernelError) -> Quarantine? {
        do throws(KernelError) {
            guard try leaf.group.isPopulated() else { return nil }
            return Quarantine(processes: try leaf.group.processesBelow(), reason: failure.description)
        } catch {
            return error.saysGone ? nil : Quarantine(processes: [], reason: error.description)
        }
    }

    /// Takes a leaf out of the sums. Where the groups above cannot be brought down now, they protect more than is held, until
    /// the next change brings them to what is.
    private func giveBack(_ id: ReservationID) async {
        guard let tree else { return }
        do throws(KernelError) { try await hold(id, nil, in: tree) } catch { tree.lookAbove() }
    }

    /// Sends a signal to every process of a reservation.
    package func send(_ signal: Signal, to id: ReservationID) {
        guard let leaf = leaves[id] else { return }
        send(signal.number, to: leaf.group)
    }

    /// Sends a signal to every process of a group. One that has left meanwhile is sent nothing.
    private func send(_ signal: Int32, to group: Group) {
        for pid in (try? group.processesBelow()) ?? [] where pid > 0 {
            guard let process = try? LiveProcess(pid, boot: ""),
                (try? group.processesBelow().contains(pid)) == true
            else { continue }
            // One that ended by itself needs no signal; any other failure ends with the kill.
            try? process.signal(signal)
        }
    }

    /// Waits until the last process of a group has ended, for at most so long. Returns whether it has.
    private func isEmptied(_ group: Group, within milliseconds: Int64) async -> Bool {
        let watch = watch
        let waiter = Waiter()
        let timer = watch.after(milliseconds: milliseconds) { waiter.finish(false) }
        let events = try? watch.watchEvents(of: group.path) {
            if (try? group.isPopulated()) != true { waiter.finish(true) }
        }
        // It may have emptied before it was watched.
        if (try? group.isPopulated()) != true { waiter.finish(true) }
        let isEmpty = await waiter.value()
        watch.cancel(timer)
        if let events { watch.cancel(events) }
        return isEmpty
    }
}

extension Signal {
    /// The kernel's number of it.
    fileprivate var number: Int32 {
        switch self {
        case .hangUp: SIGHUP
        case .interrupt: SIGINT
        case .quit: SIGQUIT
        case .user1: SIGUSR1
        case .user2: SIGUSR2
        case .terminate: SIGTERM
        case .goOn: SIGCONT
        case .windowChange: SIGWINCH
        }
    }
}

/// Something that one task waits for and that others may say at any time; the first word counts.
private final class Waiter: Sendable {
    private enum Progress {
        case open
        case awaited(CheckedContinuation<Bool, Never>)
        case finished(Bool)
    }

    private let progress: Mutex<Progress> = Mutex(.open)

    func finish(_ result: Bool) {
        let waiter: CheckedContinuation<Bool, Never>? = progress.withLock { progress in
            switch progress {
            case .finished: return nil
            case .open:
                progress = .finished(result)
                return nil
            case .awaited(let waiter):
                progress = .finished(result)
                return waiter
            }
        }
        waiter?.resume(returning: result)
    }

    func value() async -> Bool {
        await withCheckedContinuation { continuation in
            let finished: Bool? = progress.withLock { progress in
                if case .finished(let result) = progress { return result }
                progress = .awaited(continuation)
                return nil
            }
            if let finished { continuation.resume(returning: finished) }
        }
    }
}
