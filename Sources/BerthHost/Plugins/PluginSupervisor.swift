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
    /// The longest that it comes to where a plugin says all the time that something has changed.
    private static let longestInterval: Int64 = 60_000

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

    /// A failure: when, in milliseconds since 1970, and why.
    package struct Failed: Hashable, Sendable {
        package let at: Int64
        package let fault: PluginFault
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
        /// Nothing is wrong with it, and it will not answer: why.
        case unanswered(String)
    }

    /// What the supervisor tells, from its own thread.
    package struct Listener: Sendable {
        /// There are new offers to be taken: ``PluginSupervisor/takeOffers()``.
        package var whenOffered: @Sendable () -> Void
        /// Where the plugin stands has changed.
        package var whenChanged: @Sendable (Status) -> Void

        package init(
            whenOffered: @escaping @Sendable () -> Void, whenChanged: @escaping @Sendable (Status) -> Void
        ) {
            self.whenOffered = whenOffered
            self.whenChanged = whenChanged
        }
    }

    private static let isGone = "it has been taken away"

    /// The most questions that wait for a plugin besides what it is told.
    private static let mostQuestions = 64

    private struct Order {
        let number: UInt64
        let call: Call
        /// How long the plugin may take for it, in milliseconds; nil for as long as for any call.
        let limit: Int64?

        /// Whether it tells the plugin what is held, and goes before what is only asked.
        var isTold: Bool {
            switch call {
            case .allocate, .release: true
            default: false
            }
        }

        /// Whether the plugin has to hear it, though nobody waits for the answer any more.
        var isOwed: Bool { if case .release = call { true } else { false } }
    }

    private struct Content {
        var file: PluginFile
        var configuration: JSONObject
        var orders: [Order] = []
        /// Who waits for the answer to an order; gone once it has one, or its time is over.
        var waiting: [UInt64: CheckedContinuation<Result<JSONValue, CallFailure>, Never>] = [:]
        var nextNumber: UInt64 = 0
        var group: PluginGroup?
        /// What the plugin has said last that there is, until it is taken.
        var offers: [Offer]?
        var held: [String: [Allocation]] = [:]
        var status = Status.starting
        var lastFailure: Failed?
        var log = PluginLog()
        var mustStop = false
        var mustRestart = false
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    private let box: PluginBox
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
        self.box = box
        self.listener = listener
        content = Mutex(
            Content(
                file: file, configuration: configuration, group: cgroup,
                held: Dictionary(grouping: held, by: \.reservation)))
        bell = try Bell()
        try DetachedThread.start("the thread of plugin \(file.manifest.name)") { self.run() }
    }

    /// The plugin's files.
    package var file: PluginFile { content.withLock { $0.file } }

    /// Has the plugin started anew from these files, with this configuration. What is asked meanwhile waits for that.
    package func use(_ file: PluginFile, _ configuration: JSONObject) {
        content.withLock { ($0.file, $0.configuration, $0.mustRestart) = (file, configuration, true) }
        bell.ring()
    }

    /// What the plugin has written lately.
    package var log: [String] { content.withLock { $0.log.lines } }

    /// The plugin's own folder and its user; nil where it needs no folder.
    package var home: (path: String, user: UInt32)? { box.state.map { ($0, box.user ?? geteuid()) } }

    /// When and why it failed last; nil where it never has.
    package var lastFailure: Failed? { content.withLock { $0.lastFailure } }

    /// Where the plugin stands.
    package var status: Status { content.withLock { $0.status } }

    /// Asks, and waits for the answer for at most so long, whatever the plugin does meanwhile.
    /// - Parameter limit: how long the plugin itself may take for it, in milliseconds; nil for as long as for any call
    package func ask(
        _ call: Call, within milliseconds: Int64, limit: Int64? = nil
    ) async throws(CallFailure) -> JSONValue {
        let number = content.withLock { content in
            content.nextNumber += 1
            return content.nextNumber
        }
        let alarm = Task {
            do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
            self.answer(number, .failure(.down(self.fault)))
        }
        defer { alarm.cancel() }
        let result: Result<JSONValue, CallFailure> = await withCheckedContinuation { continuation in
            let reason: String? = content.withLock { content in
                guard content.status != .stopped, !content.mustStop else { return PluginSupervisor.isGone }
                let order = Order(number: number, call: call, limit: limit)
                if !order.isTold, content.orders.count(where: { !$0.isTold }) >= PluginSupervisor.mostQuestions {
                    return "it is asked more than it can answer"
                }
                content.waiting[number] = continuation
                content.orders.append(order)
                return nil
            }
            if let reason {
                continuation.resume(returning: .failure(.unanswered(reason)))
            } else {
                bell.ring()
            }
        }
        return try result.get()
    }

    /// Tells whoever waits for an order, once.
    private func answer(_ number: UInt64, _ result: Result<JSONValue, CallFailure>) {
        let waiter = content.withLock { content in
            content.orders.removeAll { $0.number == number && !$0.isOwed }
            return content.waiting.removeValue(forKey: number)
        }
        waiter?.resume(returning: result)
    }

    /// Why the plugin is down; nil where it is not.
    private var fault: PluginFault? { if case .down(let fault, _, _) = status { fault } else { nil } }

    /// Notes what a reservation holds of it, for the next start; nothing is asked of the plugin.
    /// - Returns: what it held of that type before
    package func hold(_ allocation: Allocation) -> Allocation? {
        content.withLock { content in
            var held = content.held[allocation.reservation] ?? []
            let former = held.first { $0.type == allocation.type }
            held.removeAll { $0.type == allocation.type }
            content.held[allocation.reservation] = held + [allocation]
            return former
        }
    }

    /// Notes that a reservation holds of a type what it held before.
    package func restore(_ former: Allocation?, in failed: Allocation) {
        content.withLock { content in
            var held = content.held[failed.reservation] ?? []
            held.removeAll { $0.type == failed.type }
            if let former { held.append(former) }
            content.held[failed.reservation] = held.isEmpty ? nil : held
        }
    }

    /// Notes that a reservation holds nothing of it any more.
    package func letGo(_ reservation: String) { content.withLock { _ = $0.held.removeValue(forKey: reservation) } }

    /// Has its process go into this group from the next start on.
    package func use(_ group: PluginGroup?) { content.withLock { $0.group = group } }

    /// What the plugin has said last that there is; nil where that was taken already.
    package func takeOffers() -> [Offer]? {
        defer { bell.ring() }
        return content.withLock { content in
            defer { content.offers = nil }
            return content.offers
        }
    }

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
            let group = content.withLock { content in
                content.mustRestart = false
                return content.group
            }
            // What an earlier one left behind would use the same folder.
            group?.kill()
            set(.starting)
            do throws(PluginFault) {
                let process = try started(in: group)
                do throws(PluginFault) { try serve(process) } catch {
                    group?.kill()
                    throw error
                }
                process.close(within: 1000)
                group?.kill()
                continue
            } catch {
                // Whatever it did, it is not wanted any more.
                if content.withLock({ $0.mustStop }) { break }
                content.withLock { $0.lastFailure = Failed(at: SystemClock.wall, fault: error) }
                let isUnloadable = if case .unloadable = error { true } else { false }
                let pause = backoff.fail(
                    afterRunning: SystemClock.uptime - began,
                    most: isUnloadable ? PluginBackoff.mostLoads : PluginBackoff.mostFailures)
                let next = pause.map { SystemClock.uptime + $0 }
                set(.down(error, failures: backoff.failures, next: next))
                if rest(until: next) { backoff = PluginBackoff() }
            }
        }
        let (waiting, stoppers) = content.withLock { content in
            content.status = .stopped
            defer { (content.orders, content.waiting, content.whenStopped) = ([], [:], []) }
            return (content.waiting, content.whenStopped)
        }
        listener.whenChanged(.stopped)
        for waiter in waiting.values { waiter.resume(returning: .failure(.unanswered(PluginSupervisor.isGone))) }
        for stopper in stoppers { stopper.resume() }
    }

    private func set(_ status: Status) {
        let isNew = content.withLock { content in
            defer { content.status = status }
            return content.status != status
        }
        if isNew { listener.whenChanged(status) }
    }

    /// A process that has taken up work, with what is held.
    private func started(in group: PluginGroup?) throws(PluginFault) -> PluginProcess {
        let hurry = PluginProcess.Hurry(descriptor: bell.number) { [self] in
            bell.clear()
            return content.withLock { $0.mustStop }
        }
        let (file, configuration) = content.withLock { ($0.file, $0.configuration) }
        let process = try box.start(file, cgroup: group?.procs.number, hurry: hurry, whenWritten: note)
        let held = content.withLock { content in
            // Releases that an earlier process was not told of are in what this one is told now.
            content.orders.removeAll { $0.isOwed && content.waiting[$0.number] == nil }
            return content.held.values.flatMap { $0 }
        }
        let call = Call.start(
            types: file.manifest.types.map(\.name), configuration: configuration, state: box.state, held: held)
        switch try process.call(call, within: box.callWait) {
        case .done: break
        case .unknownCall: throw .broken("it does not know the call start, which every plugin has")
        case .failed(let failure): throw .refused("it could not take up work: \(failure)")
        }
        set(.running(pid: process.pid, builtWith: process.builtWith, open: process.open + box.open))
        // Who gave something back meanwhile could not tell it.
        let gone = Set(held.map(\.reservation)).subtracting(content.withLock { Array($0.held.keys) })
        for reservation in gone.sorted() {
            _ = try process.call(.release(reservation: reservation), within: box.callWait)
        }
        if file.manifest.kind == .provider { try discover(process) }
        return process
    }

    private func note(_ line: String) { content.withLock { $0.log.add(line) } }

    private func discover(_ process: PluginProcess) throws(PluginFault) {
        switch try process.call(.discover, within: box.callWait) {
        case .done(let answer):
            let offers = try PluginOffers(answer, of: file.manifest).offers
            let isNew = content.withLock { content in
                defer { content.offers = offers }
                return content.offers == nil
            }
            if isNew { listener.whenOffered() }
        case .unknownCall: throw .broken("it does not know the call discover, which every provider has")
        case .failed(let failure): throw .refused("it could not say what there is: \(failure)")
        }
    }

    /// Asks what is ordered, until the plugin is to stop or to start anew.
    private func serve(_ process: PluginProcess) throws(PluginFault) {
        // When it may be asked again what there is, however often it says that this has changed.
        var (next, pause): (Int64, Int64) = (0, PluginSupervisor.leastInterval)
        var hasChanged = false
        while true {
            let (order, isOver, areTaken) = content.withLock { content -> (Order?, Bool, Bool) in
                if content.mustStop || content.mustRestart { return (nil, true, false) }
                let place = content.orders.firstIndex(where: \.isTold) ?? content.orders.indices.first
                return (place.map { content.orders.remove(at: $0) }, false, content.offers == nil)
            }
            if isOver { return }
            if let order {
                try carryOut(order, process)
            } else {
                wait(process, until: hasChanged && areTaken ? next : nil)
            }
            if try process.takeChanged() { hasChanged = file.manifest.kind == .provider }
            let now = SystemClock.uptime
            guard hasChanged, areTaken, now >= next else { continue }
            // One that changes all the time is asked ever less often: each answer is stored.
            pause =
                now - next < pause ? min(2 * pause, PluginSupervisor.longestInterval) : PluginSupervisor.leastInterval
            (hasChanged, next) = (false, now + pause)
            try discover(process)
        }
    }

    private func carryOut(_ order: Order, _ process: PluginProcess) throws(PluginFault) {
        // Whoever asked may have stopped to wait; what it asked for is then not wanted any more.
        guard order.isOwed || content.withLock({ $0.waiting[order.number] != nil }) else { return }
        do throws(PluginFault) {
            switch try process.call(order.call, within: min(order.limit ?? .max, box.callWait)) {
            case .done(let answer): self.answer(order.number, .success(answer))
            case .unknownCall: answer(order.number, .failure(.unknownCall))
            case .failed(let failure): answer(order.number, .failure(.failed(failure)))
            }
        } catch {
            // It was in a hurry for being taken away.
            let isGone = content.withLock { $0.mustStop }
            answer(order.number, .failure(isGone ? .unanswered(PluginSupervisor.isGone) : .fault(error)))
            throw error
        }
    }

    /// Waits to start again. Orders wait too, until they are given up. Returns whether somebody asked for the start.
    private func rest(until next: Int64?) -> Bool {
        while true {
            if let next, SystemClock.uptime >= next { return false }
            let (isAsked, mustStop) = content.withLock { ($0.mustRestart, $0.mustStop) }
            if isAsked || mustStop { return isAsked }
            wait(nil, until: next)
        }
    }

    /// Waits for the bell, for what the plugin sends or writes, for its end, or for a moment.
    private func wait(_ process: PluginProcess?, until moment: Int64?) {
        var polls = ([bell.number] + (process?.descriptors ?? [])).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let left = moment.map { Int32(clamping: max(0, $0 - SystemClock.uptime)) } ?? -1
        if poll(&polls, nfds_t(polls.count), left) > 0, polls[0].revents != 0 { bell.clear() }
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
