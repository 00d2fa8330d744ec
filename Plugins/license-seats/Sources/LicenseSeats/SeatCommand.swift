import BerthPluginKit
import Glibc

/// A program of the admin's that prints how many seats there are.
enum SeatCommand {
    /// How long it may take until it has ended, in milliseconds.
    private static let patience: Int64 = 4000
    /// How often it is looked whether it has ended, in microseconds.
    private static let step: UInt32 = 10_000
    /// The most of its output that is read, in bytes.
    private static let longest = 4096

    /// Runs it and reads the number: all that it prints to standard output, but for white space.
    static func ask(_ words: [String]) -> Result<Int, Failure> {
        do { return .success(try run(words)) } catch let failure as Failure { return .failure(failure) } catch {
            return .failure(Failure("\(error)"))
        }
    }

    private static func run(_ words: [String]) throws -> Int {
        let name = words.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(text(errno))") }
        defer { close(ends[0]) }
        var pid: pid_t = 0
        let code = spawn(words, output: ends[1], &pid)
        close(ends[1])
        guard code == 0 else {
            throw Failure(
                "cannot start \(name): \(text(code))", hint: "its manifest has to name \(name) under needs.exec")
        }
        let deadline = now() + patience
        let output = read(ends[0], until: deadline)
        // It may have closed its output and stay.
        guard let status = ended(pid, by: output == nil ? now() : deadline), let output else {
            throw Failure("\(name) was not done within \(patience) ms")
        }
        guard status == 0 else { throw Failure("\(name) ended with status \(status >> 8), signal \(status & 127)") }
        let trimmed = output.split(whereSeparator: \.isWhitespace)
        guard trimmed.count == 1, let count = Int(trimmed[0]), count >= 0 else {
            throw Failure("\(name) printed \"\(output.prefix(80))\", which is no number of seats")
        }
        guard count <= Pools.mostSeats else {
            throw Failure("\(name) printed \(count), and an agent takes \(Pools.mostSeats) units of a plugin at most")
        }
        return count
    }

    /// Its status when it has ended; nil where it had to be ended.
    private static func ended(_ pid: pid_t, by deadline: Int64) -> Int32? {
        var status: Int32 = 0
        while true {
            let found = waitpid(pid, &status, WNOHANG)
            if found == pid { return status }
            guard found == 0 || errno == EINTR, now() < deadline else { break }
            usleep(step)
        }
        kill(pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return nil
    }

    private static func spawn(_ words: [String], output: Int32, _ pid: inout pid_t) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // The socket to the agent is nobody else's.
        for number in 3..<64 { posix_spawn_file_actions_addclose(&actions, Int32(number)) }
        return posix_spawn(&pid, words[0], &actions, nil, arguments, environ)
    }

    /// What it prints until it closes its output; nil where that takes too long.
    private static func read(_ descriptor: Int32, until deadline: Int64) -> String? {
        var bytes: [UInt8] = []
        while bytes.count < longest {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = deadline - now()
            guard left > 0 else { return nil }
            let ready = Glibc.poll(&poll, 1, Int32(clamping: left))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            var chunk = [UInt8](repeating: 0, count: longest)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
