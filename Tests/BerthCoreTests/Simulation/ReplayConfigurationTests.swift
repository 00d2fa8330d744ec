import BerthJSON
import BerthModel
import Support
import Testing

@testable import BerthCore

@Suite("A replay with a configuration of the agent") struct ReplayConfigurationTests {
    /// A task that comes at a second, runs so long, as was declared, and asks for so many CPUs.
    private func task(
        _ arrival: Int64, runs: Int64, cpus: Int64, user: Int = 0, group: String? = nil, queue: String? = nil,
        workflow: String? = nil
    ) -> TracedTask {
        TracedTask(
            name: "t\(arrival)", user: user, arrival: arrival * 1000, duration: runs * 1000, limit: runs * 1000,
            group: group, queue: queue, workflow: workflow,
            shape: TaskShape(cpu: Quantity(cpus * 1000), memory: Quantity(1 << 20)))
    }

    private func replay(
        _ tasks: [TracedTask], pools text: String, groups: [String: String] = [:], to pools: [String: PoolName] = [:],
        strategy: Strategy? = nil, users: [String] = ["ann", "bob", "cas"]
    ) throws -> Replay {
        let trace = Trace(tasks: tasks, users: users, notes: [])
        let accounts = TracedAccounts(trace, groups: groups, pools: pools)
        let document = try JSONValue(parsing: Array(text.utf8))
        var configuration = Replay.Configuration(strategy: strategy)
        configuration.configured = Replay.Configured(
            try JSONReader<[Pool]>.configuredPools(accounts.accountNames).read(document))
        return try Replay(try Capacity(made: "cpu=4,memory=64GiB"), trace, configuration, accounts: accounts)
    }

    private func starts(_ replay: Replay) -> [Int64?] { replay.fates.map { $0.started.map { $0 / 1000 } } }

    @Test("has tasks take no more of a pool than it may hold, and no more than others' pools leave")
    func pools() throws {
        let tasks = [
            task(0, runs: 10, cpus: 1, queue: "small"), task(0, runs: 10, cpus: 1, queue: "gone,small"),
            task(0, runs: 10, cpus: 3, user: 1), task(0, runs: 10, cpus: 4, user: 1),
        ]
        let small = #"{"small": {"kind": "static", "guaranteed": {"cpu": 1}}}"#
        let replay = try replay(tasks, pools: small)
        #expect(starts(replay) == [0, 10, 0, nil] && replay.fates.map(\.refused) == [false, false, false, true])
        #expect(tasks.map { replay.pool(of: $0).text } == ["small", "small", "default", "default"])
        // A user may be sent elsewhere.
        let elsewhere = try self.replay(tasks, pools: small, to: ["ann": .standard])
        #expect(starts(elsewhere) == [0, 0, 10, nil])
        #expect(elsewhere.pool(of: tasks[0]) == .standard)
    }

    @Test("goes by the weights of groups, as the trace or the caller tells them")
    func groups() throws {
        let tasks = [
            task(0, runs: 10, cpus: 4), task(1, runs: 10, cpus: 2, user: 0), task(1, runs: 10, cpus: 2, user: 0),
            task(2, runs: 10, cpus: 2, user: 1), task(2, runs: 10, cpus: 2, user: 1),
        ]
        let weighted =
            #"{"default": {"policy": {"kind": "weighted", "weights": {"groups": {"physics": 3, "arts": 1}}}}}"#
        let physics = try replay(tasks, pools: weighted, groups: ["ann": "arts", "bob": "physics"])
        #expect(starts(physics) == [0, 10, 20, 10, 20])
        let told = tasks.map { task in
            var task = task
            task.group = task.user == 0 ? "physics" : "arts"
            return task
        }
        // Both get one, then ann's group, for it is due three times as much.
        #expect(starts(try replay(told, pools: weighted)) == [0, 10, 20, 10, 20])
        let three =
            [task(0, runs: 10, cpus: 4)]
            + (0..<4).map { _ in task(1, runs: 10, cpus: 1, user: 0, group: "physics") }
            + (0..<4).map { _ in task(1, runs: 10, cpus: 1, user: 1, group: "arts") }
        #expect(starts(try replay(three, pools: weighted)) == [0, 10, 10, 10, 20, 10, 20, 20, 20])
    }

    @Test("grants what waited for its hours when these are counted anew, and gives up on what never gets them")
    func hours() throws {
        let quota =
            #"{"default": {"policy": {"kind": "quota", "quotas": [{"each": "user", "hard": {"hours": {"cpu": 1}, "per": "1h"}}]}}}"#
        let tasks = [
            task(0, runs: 1800, cpus: 2), task(1, runs: 1800, cpus: 2), task(2, runs: 1800, cpus: 2),
            task(3, runs: 3600, cpus: 2), task(3, runs: 3500, cpus: 2), task(4, runs: 60, cpus: 1, user: 1),
        ]
        let replay = try replay(tasks, pools: quota)
        #expect(starts(replay) == [0, 3600, 7200, nil, nil, 4])
        // Weeks begin on Mondays: of a clock that begins on a Thursday, after four days. A lease lies the less in a day the later
        // it begins.
        let weekly = quota.replacing("1h", with: "7d")
        let waits = try self.replay([task(0, runs: 1800, cpus: 2), task(1, runs: 60, cpus: 1)], pools: weekly)
        #expect(starts(waits) == [0, 4 * 86_400])
        let daily = quota.replacing("1h", with: "24h").replacing(#""cpu": 1"#, with: #""cpu": 10"#)
        let late = try self.replay(
            [task(0, runs: 5 * 3600, cpus: 1), task(7200, runs: 8 * 3600, cpus: 1)], pools: daily)
        let start = try #require(starts(late)[1])
        #expect(start > 19 * 3600 - 1 && start <= 19 * 3600 + 864)
        // Whatever others do meanwhile.
        let others = (0..<86).map { task($0 * 800, runs: 900_000, cpus: 0, user: 1) }
        let all = ([task(0, runs: 5 * 3600, cpus: 1), task(7200, runs: 8 * 3600, cpus: 1)] + others)
            .sorted { $0.arrival < $1.arrival }
        let place = try #require(all.firstIndex { $0.user == 0 && $0.arrival > 0 })
        #expect(starts(try self.replay(all, pools: daily))[place] == start)
    }

    @Test("binds workflows to their quotas")
    func workflows() throws {
        let quota =
            #"{"default": {"policy": {"kind": "quota", "quotas": [{"workflow": "w", "hard": {"reservations": 1}}]}}}"#
        let tasks = [
            task(0, runs: 10, cpus: 1, workflow: "w"), task(0, runs: 10, cpus: 1, workflow: "w"),
            task(0, runs: 10, cpus: 1, workflow: "v"),
        ]
        #expect(starts(try replay(tasks, pools: quota)) == [0, 10, 0])
    }

    @Test("ends what an elastic pool lent when its owner wants it")
    func elastic() throws {
        let pools = #"""
            {"prod": {"kind": "elastic", "guaranteed": {"cpu": 3}, "give_back": "preempt"},
             "batch": {"kind": "elastic", "guaranteed": {"cpu": 1}}}
            """#
        let tasks = [
            task(0, runs: 100, cpus: 4, queue: "batch"), task(20, runs: 10, cpus: 2, user: 1, queue: "prod"),
        ]
        let replay = try replay(tasks, pools: pools)
        #expect(replay.fates.map(\.preemptions) == [1, 0])
        #expect(starts(replay) == [40, 30])
        // What ran in vain was held as well: 4 CPUs for 30 seconds, 2 for 10, and 4 for 100 of 140 seconds.
        #expect(replay.fates[0].lost == [0..<30_000])
        let figures = ReplayFigures(
            HostFree(try Capacity(made: "cpu=4,memory=64GiB")), tasks, replay.fates, fragmentation: nil)
        #expect(figures.cpu == 540.0 / 560)
    }

    @Test("chooses units as a pool says, where nothing else is said")
    func strategies() throws {
        let pools = #"{"spread": {"strategy": "balanced"}}"#
        let trace = Trace(
            tasks: (0..<2).map { _ in task(0, runs: 10, cpus: 1, queue: "spread") } + [task(5, runs: 10, cpus: 2)],
            users: ["ann"], notes: [])
        var tasks = trace.tasks
        for index in tasks.indices { tasks[index].shape.memory = Quantity(20 << 30) }
        tasks[2].shape.memory = Quantity(30 << 30)
        // Two parts of a GPU: packed on one they leave the other whole, spread they do not.
        for index in 0..<2 { (tasks[index].shape.gpus, tasks[index].shape.share) = (1, Quantity(400)) }
        (tasks[2].shape.gpus, tasks[2].shape.share) = (1, Quantity(1000))
        func start(_ text: String) throws -> Int64? {
            let trace = Trace(tasks: tasks, users: ["ann"], notes: [])
            var configuration = Replay.Configuration()
            configuration.configured = Replay.Configured(
                try JSONReader<[Pool]>.configuredPools(TracedAccounts(trace).accountNames).read(
                    try JSONValue(parsing: Array(text.utf8))))
            let replay = try Replay(try Capacity(made: "cpu=4,memory=256GiB,gpu=2"), trace, configuration)
            return replay.fates[2].started
        }
        #expect(try start(pools) == 10_000)
        #expect(try start(#"{"spread": {"strategy": "optimized"}}"#) == 5_000)
    }

    @Test("is refused where the host cannot have the pools, and where a task may not go where it goes")
    func refusals() throws {
        let tasks = [task(0, runs: 10, cpus: 1, group: "arts", queue: "own")]
        #expect(throws: ReplayError.self) {
            try replay(tasks, pools: #"{"own": {"kind": "static", "guaranteed": {"cpu": 5}}}"#)
        }
        // Where there is no such pool it goes to the default one.
        let nowhere = try replay(tasks, pools: "{}", to: ["ann": try #require(PoolName("nix"))])
        #expect(starts(nowhere) == [0] && nowhere.pool(of: tasks[0]) == .standard)
        let own = try #require(PoolName("own"))
        #expect(throws: ReplayError.barred(user: "ann", group: "arts", from: own)) {
            try replay(tasks, pools: #"{"own": {"users": ["bob"], "groups": ["physics"]}}"#)
        }
        for allowed in [#"{"own": {"users": ["ann"]}}"#, #"{"own": {"groups": ["arts"]}}"#] {
            #expect(starts(try replay(tasks, pools: allowed)) == [0])
        }
    }
}
