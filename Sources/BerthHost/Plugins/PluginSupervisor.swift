package import BerthJSON
package import BerthKernel
package import BerthPluginKit
internal import CLinux
internal import Glibc
internal import Synchronization

/// Keeps one plugin running: starts its process, asks it what the agent wants to know, one call after the other, and starts
/// it again when it has failed.
///
/// A thread of its own waits for the plugin, so that nobody else ever does.
package final class PluginSupervisor: Sendable {
    /// The least time between two questions of what there is, in milliseconds.
    private static let leastInterval: Int64 = 100

    /// Where a plugin stands.
    package enum Status: Hashable, Sendable {
        /// Its process is being started.
        case starting
        /// It takes calls: the number of its process, what the library was built with, and what could not be taken away
        /// from it here.
        case running(pid: Int32, builtWith: String, open: [String])
        /// It has failed: why, how often in a row, and when it is started again, in milliseconds of CLOCK_BOOTTIME; nil
        /// where it is not.
        case down(PluginFault, failures: Int, next: Int64?)
        /// It was told to stop.
        case stopped
    }

    /// Why a call came to nothing.
    package enum CallFailure: Error, Hashable, Sendable {
        /// The plugin says so, and goes on.
        case failed(Failure)
        /// It does not know the call.
        case unknownCall
        /// It broke the rules or did not answer in time; it is started again.
        case fault(PluginFault)
        /// It is down, and did not come up in time.
        case down(PluginFault?)
    }

    /// What the supervisor tells, from its own thread.
    package struct Listener: Sendable {
        /// What there is has changed: the plugin's own word.
        package var whenOffered: @Sendable ([Offer]) -> Void
        /// Where the plugin stands has changed.
        package var whenChanged: @Sendable (Status) -> Void

        package init(
            whenOffered: @escaping @Sendable ([Offer]) -> Void, whenChanged: @escaping @Sendable (Status) -> Void
        ) {
            self.whenOffered = whenOffered
            self.whenChanged = whenChanged
        }
    }

    private struct Order {
        let call: Call
        /// When whoever asked stops to wait.
        let deadline: Int64
        let answer: CheckedContinuation<Result<JSONValue, CallFailure>, Never>
    }

    private struct Content {
        var orders: [Order] = []
        var held: [String: [Allocation]] = [:]
        var status = Status.starting
        var log = PluginLog()
        var mustStop = false
        var mustRestart = false
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    package let file: PluginFile
    private let box: PluginBox
    private let cgroup: PluginGroup?
    private let configuration: JSONObject
    private let listener: Listener
    private let content: Mutex<Content>
    private let bell: Bell

    /// Starts the plugin.
    /// - Parameters:
    ///   - held: what is held of its types
    ///   - cgroup: where its process goes
    /// - Throws: where the system has no room for another thread
    package init(
        _ file: PluginFile, in box: PluginBox, cgroup: PluginGroup?, configuration: JSONObject, held: [Allocation],
        listener: Listener
    ) throws(KernelError) {
        self.file = file
        self.box = box
        self.cgroup = cgroup
        self.configuration = configuration
        self.listener = listener
        content = Mutex(Content(held: Dictionary(grouping: held, by: \.reservation)))
        bell = try Bell()
        try DetachedThread.start("the thread of plugin \(file.manifest.name)") { self.run() }
    }

    /// What the plugin has written lately.
    package var log: [String] { content.withLock { $0.log.lines } }

    /// Where the plugin stands.
    package var status: Status { content.withLock { $0.status } }

    /// Asks; waits for the answer, or until the plugin has come up again, for at most so long.
    package func ask(_ call: Call, within milliseconds: Int64) async throws(CallFailure) -> JSONValue {
        let deadline = SystemClock.uptime + milliseconds
        let result: Result<JSONValue, CallFailure> = await withCheckedContinuation { continuation in
            let isStopped = content.withLock { content in
                guard content.status != .stopped, !content.mustStop else { return true }
                content.orders.append(Order(call: call, deadline: deadline, answer: continuation))
                return false
            }
            if isStopped { continuation.resume(returning: .failure(.down(nil))) } else { bell.ring() }
        }
        return try result.get()
    }

    /// Notes what a reservation holds of it, for the next start; nothing is asked of the plugin.
    package func hold(_ allocation: Allocation) {
        content.withLock { content in
            var held = content.held[allocation.reservation] ?? []
            held.removeAll { $0.type == allocation.type }
            content.held[allocation.reservation] = held + [allocation]
        }
    }

    /// Notes that a reservation holds nothing of it any more.
    package func letGo(_ reservation: String) { content.withLock { _ = $0.held.removeValue(forKey: reservation) } }

    /// Starts the plugin again, also one that was left down.
    package func restart() {
        content.withLock { $0.mustRestart = true }
        bell.ring()
    }

    /// Ends the plugin and the thread. Nothing is released by it.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let isStopped = content.withLock { content in
                guard content.status != .stopped else { return true }
                content.mustStop = true
                content.whenStopped.append(continuation)
                return false
            }
            if isStopped { continuation.resume() } else { bell.ring() }
        }
    }
}

// MARK: - The thread

extension PluginSupervisor {
    private func run() {
        var backoff = PluginBackoff()
        while !content.withLock({ $0.mustStop }) {
            let began = SystemClock.uptime
            content.withLock { $0.mustRestart = false }
            set(.starting)
            do throws(PluginFault) {
                let process = try started()
                try serve(process)
                process.close(within: 1000)
                continue
            } catch {
                let pause = backoff.fail(afterRunning: SystemClock.uptime - began)
                let next = pause.map { SystemClock.uptime + $0 }
                set(.down(error, failures: backoff.failures, next: next))
                if rest(until: next, error) { backoff = PluginBackoff() }
            }
        }
        let (orders, waiters) = content.withLock { content in
            content.status = .stopped
            defer { (content.orders, content.whenStopped) = ([], []) }
            return (content.orders, content.whenStopped)
        }
        listener.whenChanged(.stopped)
        for order in orders { order.answer.resume(returning: .failure(.down(nil))) }
        for waiter in waiters { waiter.resume() }
    }

    private func set(_ status: Status) {
        let isNew = content.withLock { content in
            defer { content.status = status }
            return content.status != status
        }
        if isNew { listener.whenChanged(status) }
    }

    /// A process that has taken up work, with what is held.
    private func started() throws(PluginFault) -> PluginProcess {
        let process = try box.start(file, cgroup: cgroup?.procs.number, whenWritten: note)
        let held = content.withLock { $0.held.values.flatMap { $0 } }
        let call = Call.start(
            types: file.manifest.types.map(\.name), configuration: configuration, state: box.state, held: held)
        switch try process.call(call, within: box.callWait) {
        case .done: break
        case .unknownCall: throw .broken("it does not know the call start, which every plugin has")
        case .failed(let failure): throw .refused("it could not take up work: \(failure)")
        }
        if file.manifest.kind == .provider { try discover(process) }
        set(.running(pid: process.pid, builtWith: process.builtWith, open: process.open))
        return process
    }

    private func note(_ line: String) { content.withLock { $0.log.add(line) } }

    private func discover(_ process: PluginProcess) throws(PluginFault) {
        switch try process.call(.discover, within: box.callWait) {
        case .done(let answer): listener.whenOffered(try PluginOffers(answer, of: file.manifest).offers)
        case .unknownCall: throw .broken("it does not know the call discover, which every provider has")
        case .failed(let failure): throw .refused("it could not say what there is: \(failure)")
        }
    }

    /// Asks what is ordered, until the plugin is to stop or to start anew.
    private func serve(_ process: PluginProcess) throws(PluginFault) {
        // When it may be asked again what there is, however often it says that this has changed.
        var next: Int64 = 0
        var hasChanged = false
        while true {
            let (order, isOver) = content.withLock { content -> (Order?, Bool) in
                if content.mustStop || content.mustRestart { return (nil, true) }
                return (content.orders.isEmpty ? nil : content.orders.removeFirst(), false)
            }
            if isOver { return }
            if let order {
                try carryOut(order, process)
            } else {
                wait(
                    process.descriptor, process.isOutputOpen ? process.outputDescriptor : -1,
                    until: hasChanged ? next : nil)
            }
            if try !process.takePushed().isEmpty { hasChanged = file.manifest.kind == .provider }
            guard hasChanged, SystemClock.uptime >= next else { continue }
            (hasChanged, next) = (false, SystemClock.uptime + PluginSupervisor.leastInterval)
            try discover(process)
        }
    }

    private func carryOut(_ order: Order, _ process: PluginProcess) throws(PluginFault) {
        let left = min(order.deadline - SystemClock.uptime, box.callWait)
        guard left > 0 else { return order.answer.resume(returning: .failure(.down(nil))) }
        do throws(PluginFault) {
            switch try process.call(order.call, within: left) {
            case .done(let answer): order.answer.resume(returning: .success(answer))
            case .unknownCall: order.answer.resume(returning: .failure(.unknownCall))
            case .failed(let failure): order.answer.resume(returning: .failure(.failed(failure)))
            }
        } catch {
            order.answer.resume(returning: .failure(.fault(error)))
            throw error
        }
    }

    /// Waits to start again. Orders wait too, until they are given up. Returns whether somebody asked for the start.
    private func rest(until next: Int64?, _ fault: PluginFault) -> Bool {
        while true {
            let now = SystemClock.uptime
            if let next, now >= next { return false }
            let (isAsked, mustStop, late, soonest) = content.withLock { content in
                let late = content.orders.filter { $0.deadline <= now }
                content.orders.removeAll { $0.deadline <= now }
                return (content.mustRestart, content.mustStop, late, content.orders.map(\.deadline).min())
            }
            for order in late { order.answer.resume(returning: .failure(.down(fault))) }
            if isAsked || mustStop { return isAsked }
            wait(-1, -1, until: [next, soonest].compactMap { $0 }.min())
        }
    }

    /// Waits for the bell, for what the plugin sends or writes, or for a moment.
    private func wait(_ socket: Int32, _ output: Int32, until moment: Int64?) {
        var polls = [bell.number, socket, output].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let left = moment.map { Int32(clamping: max(0, $0 - SystemClock.uptime)) } ?? -1
        if poll(&polls, 3, left) > 0, polls[0].revents != 0 { bell.clear() }
    }

    /// Wakes the thread: eventfd(2).
    private struct Bell: ~Copyable, Sendable {
        private let event: Descriptor

        init() throws(KernelError) {
            let number = berth_event_create()
            guard number >= 0 else { throw KernelError("make", "an event descriptor", code: errno) }
            event = Descriptor(owning: number)
        }

        var number: Int32 { event.number }

        func ring() { _ = berth_event_signal(event.number) }

        func clear() {
            var count: UInt64 = 0
            _ = read(event.number, &count, 8)
        }
    }
}
