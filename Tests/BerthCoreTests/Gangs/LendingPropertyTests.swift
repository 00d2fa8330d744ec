import BerthCore
import BerthModel
import Support
import Testing

/// Random arrivals, ends and resizes in gangs that run, from a printed seed.
@Suite("What is lent at barriers") struct LendingPropertyTests {
    /// What is wrong with the ceilings of a gang, looked at in other code than the core's.
    private func problem(_ members: [Reservation]) -> String? {
        let shared = members.filter { $0.grant[.cpu]?.cpus == nil && $0.grant[.cpu] != nil }
        let own = shared.compactMap { $0.grant[.cpu]?.limit?.units }.reduce(0, +)
        let now = shared.compactMap { $0.grant.borrowing($0.borrowed)[.cpu]?.limit?.units }.reduce(0, +)
        if own != now { return "ceilings of \(own) became \(now)" }
        let waiting = shared.filter { $0.isWaiting(at: "a") }
        if waiting.contains(where: { $0.borrowed > .zero }) { return "one that waits borrows" }
        if shared.contains(where: { !$0.isWaiting(at: "a") && $0.borrowed < .zero }) { return "one that works lends" }
        let borrowed = shared.filter { !$0.isWaiting(at: "a") }.map(\.borrowed.units)
        if let least = borrowed.min(), let most = borrowed.max(), most - least > 1 { return "parts are not equal" }
        if waiting.isEmpty, shared.contains(where: { $0.borrowed != .zero }) {
            return "nobody waits, and something is lent"
        }
        let isOpen = !members.isEmpty && members.allSatisfy { $0.isWaiting(at: "a") }
        return isOpen ? "all wait for each other" : nil
    }

    private func problems(_ generator: inout SeededGenerator, isForgetful: Bool) throws -> [String] {
        let capacity = try TestHost.capacity()
        var state = TestHost.state(capacity)
        var log: [(Event.Change, Timestamp)] = []
        var problems: [String] = []
        let size = Int.random(in: 2...6, using: &generator)
        for number in 1...UInt64(size) {
            var ask = Ask(.cpu, amount: Quantity(.random(in: 20...1200, using: &generator)))
            if Int.random(in: 0..<5, using: &generator) == 0 {
                ask = Ask(.cpu, amount: Quantity(1000), exclusive: true)
            }
            state.join(
                number, "a", of: size,
                Int.random(in: 0..<8, using: &generator) == 0 ? [Ask(.pids, amount: Quantity(9))] : [ask])
        }
        guard state.admitted().count == size else { return [] }
        let start = state
        let time = Timestamp(milliseconds: 1_000_000)
        for _ in 0..<80 {
            let some = id(.random(in: 1...UInt64(size), using: &generator))
            var part = ResourceChange.Part(type: .cpu)
            part.amount = Quantity(.random(in: 20...1200, using: &generator))
            let command: Command =
                switch Int.random(in: 0..<16, using: &generator) {
                case 0 where Bool.random(using: &generator): .release(some, user)
                case 1: .noteFreed(some, nil)
                case 2...4: .resize(some, ResourceChange(parts: [part], storage: []), user)
                default: .arrive(some, at: "a", size: nil, generation: nil, user)
                }
            for change in state.decide(command, Now(wall: time, uptime: 0)).changes {
                if isForgetful, case .lent(_, .zero) = change { continue }
                state.apply(change, at: time)
                log.append((change, time))
            }
            let members = state.reservations.values.filter { $0.isLive && $0.gang != nil }
            if let problem = problem(members) { problems.append(problem) }
        }
        var replayed = start
        for (change, time) in log { replayed.apply(change, at: time) }
        if replayed.reservations != state.reservations { problems.append("a replay is another") }
        var restored = TestHost.state(capacity)
        restored.restore(try state.kept.map { try $0.storedAndRead() }, nil)
        let key = GangKey(user: 1, name: "a")
        if restored.barrier(key) != state.barrier(key) { problems.append("a restart is another") }
        return problems
    }

    @Test("is always exactly what others have given up, in equal parts, and all is given back")
    func random() throws {
        var generator = SeededGenerator.named("lending")
        for round in 0..<200 {
            let problems = try problems(&generator, isForgetful: false)
            #expect(problems == [], "round \(round), \(generator.note)")
        }
    }

    @Test("is seen to be overbooked where something is not given back")
    func planted() throws {
        var generator = SeededGenerator.named("lending planted")
        var found = 0
        for _ in 0..<20 { found += try problems(&generator, isForgetful: true).count }
        #expect(found > 0, "\(generator.note)")
    }
}
