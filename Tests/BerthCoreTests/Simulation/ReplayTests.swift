import BerthModel
import Support
import Testing

@testable import BerthCore

@Suite("A replay") struct ReplayTests {
    /// A task that comes and runs at these seconds, and asks for so many CPUs.
    private func task(
        _ arrival: Int64, runs: Int64, cpus: Int64, user: Int = 0, limit: Int64? = nil
    ) -> TracedTask {
        TracedTask(
            name: "t\(arrival)", user: user, arrival: arrival * 1000, duration: runs * 1000,
            limit: limit.map { $0 * 1000 },
            shape: TaskShape(cpu: Quantity(cpus * 1000), memory: Quantity(1 << 20)))
    }

    private func replay(
        _ tasks: [TracedTask], on host: String = "cpu=4,memory=64GiB", _ configuration: Replay.Configuration = .init(),
        users: [String] = ["ann", "bob"]
    ) throws -> Replay {
        try Replay(try Capacity(made: host), Trace(tasks: tasks, users: users, notes: []), configuration)
    }

    private func starts(_ replay: Replay) -> [Int64?] { replay.fates.map { $0.started.map { $0 / 1000 } } }

    @Test("starts what fits when it comes, and the rest when there is room")
    func waiting() throws {
        let replay = try replay([
            task(5, runs: 100, cpus: 3), task(15, runs: 10, cpus: 2), task(25, runs: 10, cpus: 5),
            task(35, runs: 7, cpus: 1),
        ])
        // The third never fits; the fourth does not pass the second, for it does not say how long it takes.
        #expect(starts(replay) == [0, 100, nil, 100])
        #expect(replay.fates.map(\.refused) == [false, false, true, false])
        #expect(replay.fates.map { $0.ended.map { $0 / 1000 } } == [100, 110, nil, 107])
    }

    @Test("grants what becomes free while others still run")
    func freed() throws {
        let replay = try replay([task(0, runs: 100, cpus: 3), task(1, runs: 300, cpus: 1), task(2, runs: 10, cpus: 2)])
        #expect(starts(replay) == [0, 1, 100])
    }

    @Test("grants all that fits of a long queue when much is given back at once")
    func longQueue() throws {
        let tasks = [task(0, runs: 100, cpus: 300)] + (0..<300).map { _ in task(1, runs: 10, cpus: 1) }
        let replay = try replay(tasks, on: "cpu=300,memory=64GiB")
        #expect(starts(replay) == [0] + [Int64?](repeating: 100, count: 300))
    }

    @Test("counts as waiting what a task does not run for, before it was ended for another and after")
    func waits() {
        var fate = Fate(arrived: 5)
        #expect(fate.waits.isEmpty && fate.wait == nil && fate.runs.isEmpty)
        fate.lost = [10..<20, 20..<25]
        fate.started = 40
        fate.ended = 50
        #expect(fate.waits == [5..<10, 25..<40] && fate.wait == 20)
        #expect(fate.runs == [10..<20, 20..<25, 40..<50] && fate.preemptions == 2 && fate.run == 10)
    }

    @Test(
        "lets pass who delays nobody, as far as durations are known",
        arguments: [(.none, [0, 100, 100]), (.trace, [0, 100, 20]), (.exact, [0, 100, 20])]
            as [(Replay.Declared, [Int64])])
    func passing(declared: Replay.Declared, expected: [Int64]) throws {
        let tasks = [
            task(0, runs: 100, cpus: 3, limit: 120), task(10, runs: 10, cpus: 2, limit: 100),
            task(20, runs: 70, cpus: 1, limit: 90),
        ]
        let replay = try replay(tasks, Replay.Configuration(declared: declared))
        #expect(starts(replay) == expected)
    }

    @Test("ends lower priorities for higher ones after ten seconds, and runs them again from their beginning")
    func preemptions() throws {
        let tasks = [
            task(0, runs: 100, cpus: 4), task(20, runs: 50, cpus: 3, user: 1), task(25, runs: 50, cpus: 1, user: 1),
        ]
        let configuration = Replay.Configuration(strategy: .priority, priorities: ["bob": 1])
        let replay = try replay(tasks, configuration)
        #expect(starts(replay) == [80, 30, 30] && replay.fates.map(\.preemptions) == [1, 0, 0])
        #expect(replay.fates.map(\.run) == [100_000, 50_000, 50_000])
        let figures = ReplayFigures(
            HostFree(try Capacity(made: "cpu=4,memory=64GiB")), tasks, replay.fates, fragmentation: nil)
        #expect(figures.preemptions == 1 && figures.ran == 3)
        let spared = try self.replay(tasks, Replay.Configuration(priorities: ["bob": 1]))
        #expect(starts(spared) == [0, 100, 100] && spared.fates.allSatisfy { $0.preemptions == 0 })
    }

    @Test("ends tasks when they ended, not when their time was over")
    func ends() throws {
        let replay = try replay(
            [task(0, runs: 100, cpus: 4, limit: 1000), task(0, runs: 50, cpus: 4, limit: 10)],
            Replay.Configuration(declared: .trace))
        #expect(starts(replay) == [0, 100] && replay.fates[1].run == 50_000)
    }

    @Test("goes by a policy: priority lets the dearer go first, fair who has less")
    func policies() throws {
        let tasks = [
            task(0, runs: 10, cpus: 4, user: 0), task(1, runs: 10, cpus: 4, user: 0),
            task(2, runs: 10, cpus: 4, user: 1),
        ]
        #expect(starts(try replay(tasks)) == [0, 10, 20])
        #expect(starts(try replay(tasks, Replay.Configuration(priorities: ["bob": 5]))) == [0, 20, 10])
        #expect(starts(try replay(tasks, Replay.Configuration(policy: .fair))) == [0, 20, 10])
        let weighted = Replay.Configuration(policy: .weighted, weights: ["ann": 1000])
        #expect(starts(try replay(tasks, weighted)) == [0, 10, 20])
    }

    @Test("measures fragments over time")
    func fragments() throws {
        var tasks = [task(0, runs: 10, cpus: 1), task(0, runs: 20, cpus: 1)]
        tasks[0].shape = TaskShape(cpu: Quantity(1000), memory: Quantity(1), gpus: 1, share: Quantity(600))
        tasks[1].shape = TaskShape(cpu: Quantity(1000), memory: Quantity(1), gpus: 1, share: Quantity(600))
        let replay = try replay(tasks, on: "cpu=4,memory=64GiB,gpu=2")
        // For ten seconds 400 are of no use on either GPU, then on one of them.
        #expect(replay.fragmentation == 0.3)
        #expect(try self.replay(tasks, on: "cpu=4,memory=64GiB").fragmentation == nil)
    }

    @Test(
        "of random tasks overbooks nothing, starts all that fit, and is the same again",
        arguments: Replay.Order.allCases)
    func random(policy: Replay.Order) throws {
        var generator = SeededGenerator.named("a replay of random tasks, \(policy)")
        for _ in 0..<6 {
            let tasks = (0..<60).map { number in
                var task = task(
                    Int64(number) * 7, runs: .random(in: 0...90, using: &generator),
                    cpus: .random(in: 1...9, using: &generator),
                    user: .random(in: 0..<2, using: &generator), limit: Bool.random(using: &generator) ? 100 : nil)
                if Bool.random(using: &generator) {
                    task.shape.gpus = Int.random(in: 1...2, using: &generator)
                    task.shape.share = Quantity(task.shape.gpus == 1 ? .random(in: 1...1000, using: &generator) : 1000)
                }
                return task
            }
            let configuration = Replay.Configuration(
                strategy: Strategy.allCases.randomElement(using: &generator) ?? .standard, policy: policy,
                declared: Replay.Declared.allCases.randomElement(using: &generator) ?? .none,
                priorities: ["ann": .random(in: -9...9, using: &generator)])
            let replay = try replay(tasks, on: "cpu=8,memory=64GiB,gpu=2", configuration)
            for (task, fate) in zip(tasks, replay.fates) {
                #expect(fate.refused == (task.shape.cpu > Quantity(8000)), "\(generator.note)")
                #expect(fate.refused || fate.run == task.duration, "\(generator.note)")
                #expect(fate.started.map { $0 >= fate.arrived } ?? true, "\(generator.note)")
            }
            for moment in replay.fates.compactMap(\.started) {
                let running = zip(tasks, replay.fates).filter { _, fate in
                    fate.started.map { $0 <= moment } ?? false && fate.ended.map { $0 > moment } ?? false
                }
                #expect(running.reduce(0) { $0 + $1.0.shape.cpu.units } <= 8000, "\(generator.note)")
                #expect(running.reduce(0) { $0 + $1.0.shape.gpu.units } <= 2000, "\(generator.note)")
            }
            let again = try self.replay(tasks, on: "cpu=8,memory=64GiB,gpu=2", configuration)
            #expect(again.fates == replay.fates, "\(generator.note)")
        }
    }
}
