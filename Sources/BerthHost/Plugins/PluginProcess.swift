package import BerthJSON
internal import BerthKernel
package import BerthPluginKit
internal import Glibc

/// The isolated process of one plugin: asks it one thing at a time and waits for the answer, at most until a deadline.
///
/// Every call blocks, and is made from one thread at a time. A plugin that does not keep to the rules is ended at once,
/// with everything it started.
package final class PluginProcess {
    /// What the plugin answered: that it worked, that it does not know the call, or why it failed.
    package enum Answer: Hashable, Sendable {
        case done(JSONValue)
        case unknownCall
        case failed(Failure)
    }

    private let child: ChildProcess
    private var received: [UInt8] = []
    private var number: UInt32 = 0
    private var end: ChildProcess.End?
    private var output = PluginOutput()
    /// Whether the plugin can still write anything.
    package private(set) var isOutputOpen = true
    private let whenWritten: (String) -> Void
    private let hurry: Hurry?
    /// Whether the library is loaded: what the host refuses from then on is what the plugin did.
    private var isLoaded = false
    /// Whether it has said by itself that something changed, and nobody has taken that yet.
    private var hasChanged = false
    /// What the host could not take away from the plugin here, as sentences.
    package private(set) var open: [String] = []
    /// What the library was built with, as it says.
    package private(set) var builtWith = ""

    /// How whoever asks is told that it may not wait for long any more.
    package struct Hurry {
        /// A descriptor that can be read when there is something to look at.
        let descriptor: Int32
        /// Takes what can be read, and says whether what is asked must be over soon.
        let take: () -> Bool
        /// So long a call goes on then, in milliseconds.
        static let rest: Int64 = 1000
    }

    /// The longest message that a plugin may send by itself, in bytes.
    private static let longestPushed = 4096
    /// How long a process that was killed may take to end, in milliseconds.
    private static let endingWait: Int64 = 5000

    /// Starts the host, and waits until it has loaded the library.
    /// - Parameters:
    ///   - host: where berth-plugin-host lies
    ///   - options: its command line
    ///   - cgroup: a descriptor of the `cgroup.procs` that it joins; nil for none
    ///   - milliseconds: how long loading may take
    ///   - hurry: tells that calls must come to their end; nil for never
    ///   - whenWritten: told of each line that the plugin writes to its output, from within calls
    package init(
        _ host: String, _ options: [String], cgroup: Int32? = nil, loadingWithin milliseconds: Int64,
        hurry: Hurry? = nil, whenWritten: @escaping (String) -> Void
    ) throws(PluginFault) {
        self.whenWritten = whenWritten
        self.hurry = hurry
        do throws(KernelError) {
            child = try ChildProcess(
                host, options + ["--parent", String(getpid())] + (cgroup == nil ? [] : ["--cgroup", "4"]),
                environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no"], keeping: cgroup)
        } catch {
            throw .unstartable(error)
        }
        let frame = try receive("loading", until: SystemClock.uptime + milliseconds, milliseconds) { $0.kind == .hello }
        let hello = try parse(frame.payload, PluginHello.reader, "what its host says of it")
        open = hello.open
        builtWith = hello.builtWith
        isLoaded = true
    }

    deinit { close(SIGKILL) }

    /// The number of the host's process.
    package var pid: Int32 { child.pid }

    /// The descriptors that can be waited at for what the plugin sends by itself or writes, and for its end: what it has
    /// started may hold the others open. -1 is none.
    package var descriptors: [Int32] {
        // A pipe that is closed is always ready: it is not waited for any more.
        [child.socket.number, isOutputOpen ? child.output.number : -1, child.pidfd]
    }

    /// Asks, and waits for the answer.
    /// - Throws: where the process broke the rules or did not answer in time; it is ended then
    package func call(_ call: Call, within milliseconds: Int64) throws(PluginFault) -> Answer {
        try ask(call.json, named: call.name, within: milliseconds)
    }

    /// The same with a message as it is.
    func ask(_ message: JSONValue, named name: String, within milliseconds: Int64) throws(PluginFault) -> Answer {
        try put(message, named: name, within: milliseconds)
        return try takeAnswer(to: name, within: milliseconds)
    }

    /// Asks, and leaves the answer to be taken.
    func put(_ message: JSONValue, named name: String, within milliseconds: Int64) throws(PluginFault) {
        number &+= 1
        var bytes: [UInt8] = []
        message.write(into: &bytes)
        try send(PluginFrame(kind: .call, number: number, payload: bytes), name, milliseconds)
    }

    /// Waits for the answer to what was asked last.
    func takeAnswer(to name: String, within milliseconds: Int64) throws(PluginFault) -> Answer {
        let asked = number
        let frame = try receive(name, until: SystemClock.uptime + milliseconds, milliseconds) { frame in
            [.answer, .unknown, .failed].contains(frame.kind) && frame.number == asked
        }
        switch frame.kind {
        case .answer: return .done(try parse(frame.payload, .value, "its answer to \(name)"))
        case .failed:
            let failure = try parse(frame.payload, Failure.reader, "why \(name) failed")
            return .failed(Failure(failure.message.excerpt, hint: failure.hint?.excerpt))
        default: return .unknownCall
        }
    }

    /// Whether the plugin has said by itself that something changed; takes that, without waiting, and what it has written.
    package func takeChanged() throws(PluginFault) -> Bool {
        readOutput()
        try drain()
        if child.hasEnded { throw died(during: "nothing") }
        defer { hasChanged = false }
        return hasChanged
    }

    /// Asks the plugin to end, and ends it where it does not; what it started ends with it.
    package func close(within milliseconds: Int64) {
        shutdown(child.socket.number, Int32(SHUT_WR))
        var poll = pollfd(fd: child.socket.number, events: Int16(POLLIN), revents: 0)
        let deadline = SystemClock.uptime + milliseconds
        var rest = [UInt8](repeating: 0, count: 4096)
        while SystemClock.uptime < deadline {
            guard Glibc.poll(&poll, 1, Int32(clamping: max(0, deadline - SystemClock.uptime))) > 0 else { break }
            guard read(child.socket.number, &rest, rest.count) > 0 else { break }
        }
        close(SIGKILL)
    }

    /// Ends the plugin without asking, as kill -9 does.
    package func kill() { close(SIGKILL) }

    private func close(_ signal: Int32) {
        guard end == nil else { return }
        child.signal(signal)
        guard let end = child.reap(within: PluginProcess.endingWait) else {
            // The kernel has it: nobody else waits for that.
            end = .killed(signal)
            do throws(KernelError) { try child.abandon() } catch { whenWritten("it cannot be ended: \(error)") }
            return
        }
        self.end = end
        readOutput()
        if let rest = output.rest() { whenWritten(rest) }
    }

    /// Reads what the plugin has written, without waiting. Else it would wait itself when the pipe is full.
    private func readOutput() {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        // No more at a time than a pipe holds: one that writes without end must not keep this from its calls.
        for _ in 0..<4 {
            var poll = pollfd(fd: child.output.number, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, 0) > 0 else { return }
            let count = read(child.output.number, &chunk, chunk.count)
            guard count > 0 else {
                isOutputOpen = false
                return
            }
            for line in output.take(chunk.prefix(count)) { whenWritten(line) }
        }
    }
}

extension PluginProcess {
    private func fail(_ fault: PluginFault) -> PluginFault {
        close(SIGKILL)
        return fault
    }

    private func parse<Value>(
        _ payload: [UInt8], _ reader: JSONReader<Value>, _ what: String
    ) throws(PluginFault) -> Value {
        let value: JSONValue
        do throws(JSONParseError) {
            value = try JSONValue(parsing: payload, limits: JSONLimits(maxBytes: PluginFrame.longest))
        } catch {
            throw fail(.broken("\(what) is no JSON: \("\(error)".excerpt)"))
        }
        do throws(JSONFieldError) { return try reader.read(value) } catch {
            throw fail(.broken("\(what) makes no sense: \("\(error)".excerpt)"))
        }
    }

    private func send(
        _ frame: PluginFrame, _ call: String, _ milliseconds: Int64
    ) throws(PluginFault) {
        let deadline = SystemClock.uptime + milliseconds
        var rest = frame.bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(child.socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try wait(POLLOUT, call, until: deadline, milliseconds)
            } else if errno != EINTR {
                throw died(during: call)
            }
        }
    }

    /// Waits for the next frame that is wanted. What is pushed meanwhile is kept; any other is against the rules.
    private func receive(
        _ call: String, until deadline: Int64, _ milliseconds: Int64, _ isWanted: (PluginFrame) -> Bool
    ) throws(PluginFault) -> PluginFrame {
        while true {
            if let frame = try next(during: call) {
                if isWanted(frame) { return frame }
                try keep(frame, during: call)
                continue
            }
            try wait(POLLIN, call, until: deadline, milliseconds)
            guard try fill() else { throw died(during: call) }
        }
    }

    private func next(during call: String) throws(PluginFault) -> PluginFrame? {
        do throws(PluginFault) { return try PluginFrame.take(from: &received) } catch { throw fail(error) }
    }

    private func keep(_ frame: PluginFrame, during call: String) throws(PluginFault) {
        switch frame.kind {
        case .refused:
            let reason = String(decoding: frame.payload, as: UTF8.self).excerpt
            throw fail(isLoaded ? .refused(reason) : .unloadable(reason))
        case .pushed:
            guard frame.payload.count <= PluginProcess.longestPushed else {
                throw fail(.broken("it sent \(frame.payload.count) bytes by itself"))
            }
            _ = try parse(frame.payload, .value, "what it sent by itself")
            hasChanged = true
        default: throw fail(.broken("it answered call \(frame.number) when \(call), number \(number), was asked"))
        }
    }

    /// Takes what is there; false at the end of the connection.
    private func fill() throws(PluginFault) -> Bool {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
            repeat {
                count = recv(child.socket.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            } while count < 0 && errno == EINTR
            filled = max(0, count)
        }
        received += chunk
        return count > 0 || count < 0 && errno == EAGAIN
    }

    private func drain() throws(PluginFault) {
        // A megabyte at a time: one that sends without end must not keep this from its calls.
        for _ in 0..<16 {
            var poll = pollfd(fd: child.socket.number, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, 0) > 0 else { break }
            guard try fill() else { throw died(during: "nothing") }
            while let frame = try next(during: "nothing") { try keep(frame, during: "nothing") }
        }
    }

    private func wait(
        _ events: Int32, _ call: String, until deadline: Int64, _ milliseconds: Int64
    ) throws(PluginFault) {
        var deadline = deadline
        while true {
            var polls = (descriptors + [hurry?.descriptor ?? -1]).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            polls[0].events = Int16(events)
            let left = deadline - SystemClock.uptime
            let ready = left <= 0 ? 0 : Glibc.poll(&polls, nfds_t(polls.count), Int32(clamping: left))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw fail(.late(during: call, milliseconds: milliseconds)) }
            if polls[1].revents != 0 {
                readOutput()
            }
            if polls[0].revents != 0 { return }
            if polls[2].revents != 0 { throw died(during: call) }
            if polls[3].revents != 0, hurry?.take() == true {
                deadline = min(deadline, SystemClock.uptime + Hurry.rest)
            }
        }
    }

    /// The connection is at its end: the process has ended, or is about to.
    private func died(during call: String) -> PluginFault {
        // One that has closed the socket and goes on is ended; one that is ending has a moment for its own status.
        var left = 500
        while left > 0, !child.hasEnded {
            usleep(2000)
            left -= 1
        }
        guard child.hasEnded else { return fail(.broken("it closed its connection during \(call), and went on")) }
        // What it started ends with it; its own end stands already, and keeps its number.
        close(SIGKILL)
        return .died(end ?? .exited(0), during: call)
    }
}
