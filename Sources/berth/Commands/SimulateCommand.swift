internal import ArgumentParser
internal import BerthCore
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// `berth simulate`: what the agent would do with a trace of tasks. Needs no agent.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Try a configuration on a trace of tasks, on a host that need not be there.",
        discussion: """
            Runs the very code that decides in the agent, on a clock of its own, so that configurations can be compared \
            before one is turned on. Needs neither the agent nor root, and the same input has the same output.

            The host is what berth host --json printed, or one that is made up: cpu=96,memory=384GiB,gpu=8, with numa=2 \
            for two NUMA nodes. The trace is a file, or - for standard input: that of openb (columns cpu_milli, \
            memory_mib, num_gpu, gpu_milli, creation_time, …; its classes of service stand for users), or what Slurm's \
            sacct -P prints.

            Tasks come when they did, wait for what they ask, and run for as long as they ran; those that never ran are \
            left out. Shown are what of the host was held in the mean, how long tasks waited, the slowdown (how many \
            times its own run a task was there, runs under ten seconds counting as ten), and fairness: Jain's index over \
            users of the dominant share that each had in the mean while it waited for more; 1 is the same for all. \
            Fragments are GPUs that are free and of no use for what comes.

            With --config the agent's own configuration decides: pools, their policies, quotas and strategies, what is \
            kept back for the system, preemption. It is one JSON document, which berthd --check --json prints of the YAML \
            file and its drop-ins. Users and groups in it are those of the trace. A task counts for the group that \
            sacct's column Group (else Account) names, goes to the pool of its Partition's name, else to the default one, \
            and is a part of the workflow that WCKey names; --groups and --pools say it by user. Maintenance, roles, caps \
            and plugins play no part. Figures by pool are in per cent of the host, each without the pools within it.

            With --fill tasks come in their order and never end, until \(Filling.patience) in a row are refused, by each \
            strategy and by rules that are well known: first-fit, best-fit, dot-product, worst-fit.

            EXAMPLES
              berth host --json > host.json
              berth simulate --host host.json --trace tasks.csv
              berth simulate --host host.json --trace tasks.csv --policy fair --vs policy=priority --svg timeline.svg
              berthd --config new.yaml --check --json > new.json
              berth simulate --host host.json --trace tasks.csv --config now.json --vs config=new.json
              berth simulate --host cpu=96,memory=384GiB,gpu=8 --trace tasks.csv --fill --only shared-gpu --starts 400
              sacct -aPo JobID,JobName,User,Submit,Start,End,ReqTRES,Timelimit,State -S 2026-11-01 |
                berth simulate --host host.json --trace -

            EXIT STATUS
              0 done, 1 the host or the trace cannot be read, 2 the command line makes no sense
            """)

    @Option(help: ArgumentHelp("What berth host --json printed, or cpu=…,memory=…,gpu=….", valueName: "host"))
    var host: String

    @Option(help: ArgumentHelp("The tasks; - is standard input.", valueName: "file"), completion: .file())
    var trace: String

    @Option(
        help: ArgumentHelp(
            "Who goes first: priority (and first come, first served), fair (whoever has and had the least), weighted "
                + "(whoever has the least for its weight), quota (as priority, within --quota). Default: priority.",
            valueName: "name"),
        completion: .list(Replay.Order.allCases.map(\.rawValue)))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "How units are chosen. Default: \(Strategy.standard.rawValue), with --config what each pool says; with --fill all "
                + "of them.", valueName: "name"),
        completion: .list(Strategy.allCases.map(\.rawValue)))
    var strategy: String?

    @Option(
        help: ArgumentHelp(
            "What is known beforehand of how long a task runs: trace (the limit that its user declared), exact (how long "
                + "it ran), none. Default: trace.", valueName: "word"),
        completion: .list(Replay.Declared.allCases.map(\.rawValue)))
    var declared: String?

    @Option(
        help: ArgumentHelp("Priorities of users of the trace: ann=10,bob=-5. Default: 0 for all.", valueName: "list"))
    var priorities: String?

    @Option(
        help: ArgumentHelp(
            "Weights of users of the trace, for the policy weighted. Default: 1 for all.", valueName: "list"))
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "What each user may have at a time, under any policy: cpu=32,memory=64GiB,gpu=2,reservations=100. Who asks for "
                + "more waits, or is refused where it could never have it.", valueName: "list"))
    var quota: String?

    @Option(
        help: ArgumentHelp(
            "A configuration of the agent, as berthd --check --json prints it, in the place of --policy, --weights and "
                + "--quota.", valueName: "file"), completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The groups that users count for: ann=physics. Default: what the trace tells.", valueName: "list"))
    var groups: String?

    @Option(
        help: ArgumentHelp(
            "The pools that users' tasks go to: ann=batch. Default: what the trace tells.", valueName: "list"))
    var pools: String?

    @Option(
        help: ArgumentHelp(
            "Show a second configuration beside the first, by what is other: policy=fair,strategy=greedy,declared=exact,"
                + "weights.ann=3,priorities.bob=5,quota.cpu=32,config=new.json.",
            valueName: "list"))
    var vs: String?

    @Option(
        help: ArgumentHelp(
            "Which tasks: all, shared-gpu (a part of a GPU), whole-gpu, cpu (no GPU). Default: all.", valueName: "mix"),
        completion: .list(TaskMix.allCases.map(\.rawValue)))
    var only = TaskMix.all.rawValue

    @Option(help: ArgumentHelp("Tasks that came so long after the first, or later: 115d.", valueName: "duration"))
    var from: String?

    @Option(help: ArgumentHelp("Tasks that came before so long after the first.", valueName: "duration"))
    var until: String?

    @Flag(help: "Fill the host with tasks that do not end, and show how far each way to choose comes.")
    var fill = false

    @Option(
        help: ArgumentHelp(
            "With --fill: begin at so many points of the trace, and show the means. Default: 1, its beginning.",
            valueName: "n"))
    var starts: Int?

    @Option(
        help: ArgumentHelp(
            "Draw what was held by whom, and who waited, over time, as an SVG image.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var svg: String?

    @Flag(help: "Print a document, schema berth.simulation/1, or berth.filling/1 with --fill.")
    var json = false

    func validate() throws {
        if fill {
            let others = [
                ("--policy", policy), ("--declared", declared), ("--priorities", priorities), ("--weights", weights),
                ("--quota", quota), ("--config", config), ("--groups", groups), ("--pools", pools), ("--vs", vs),
                ("--svg", svg),
            ]
            if let (option, _) = others.first(where: { $0.1 != nil }) {
                throw ValidationError("with --fill tasks neither wait nor end, so there is nothing for \(option)")
            }
        } else if starts != nil {
            throw ValidationError("--starts is for --fill")
        }
        guard 1...100_000 ~= starts ?? 1 else { throw ValidationError("--starts wants 1 to 100000") }
        if config != nil {
            let others = [("--policy", policy), ("--weights", weights), ("--quota", quota)]
            if let (option, _) = others.first(where: { $0.1 != nil }) {
                throw ValidationError("with --config the file says what \(option) would")
            }
        }
        _ = try mix()
        _ = try times()
        let configurations = try configurations()
        for (option, isSaid) in [("--groups", try groupsOfUsers() != nil), ("--pools", try poolsOfUsers() != nil)]
        where isSaid && configurations.allSatisfy({ $0.file == nil }) {
            throw ValidationError("\(option) is for those of a configuration: --config, or --vs config=…")
        }
    }

    func run() throws {
        let mix = try mix()
        let (from, until) = try times()
        let all = try TraceFile.read(self.trace)
        for note in all.notes { Terminal.note(note) }
        try checkUsers(of: all)
        guard !all.tasks.isEmpty else {
            throw CommandFailure(
                "\(TraceFile.name(self.trace)) has no task after the line that names its columns",
                hint: "the trace was cut off, or all of it was left out")
        }
        let trace = all.selecting(mix, from: from, until: until)
        guard !trace.tasks.isEmpty else {
            throw CommandFailure(
                "\(TraceFile.name(self.trace)) has none of the tasks that are asked for",
                hint: "it has \(all.tasks.count); leave out --only, --from and --until")
        }
        if fill { try fill(trace, mix) } else { try replay(trace) }
    }

    /// Refuses what is said of users of whom there is no task: it would change nothing.
    private func checkUsers(of trace: Trace) throws {
        var lists = try configurations().enumerated().flatMap { index, configuration in
            [("priorities", configuration.replay.priorities), ("weights", configuration.replay.weights)].map {
                word, numbers in (index == 0 ? "--\(word)" : "--vs \(word)", Array(numbers.keys))
            }
        }
        lists.append(("--groups", Array((try groupsOfUsers() ?? [:]).keys)))
        lists.append(("--pools", Array((try poolsOfUsers() ?? [:]).keys)))
        for (option, names) in lists {
            guard let stranger = names.filter({ !trace.users.contains($0) }).min() else { continue }
            let some = trace.users.sorted().prefix(8).map(\.printable).joined(separator: ", ")
            throw CommandFailure(
                "\(option) names \(stranger.printable), of whom \(self.trace.printable) has no task",
                hint: "it has tasks of \(some)" + (trace.users.count > 8 ? ", …" : ""), status: 2)
        }
    }

    private func fill(_ trace: Trace, _ mix: TaskMix) throws {
        let shapes = trace.tasks.map(\.shape)
        let strategies =
            strategy == nil ? Strategy.choosing : try configurations().map { $0.replay.strategy ?? .standard }
        let choosers =
            strategies.map { Filling.Chooser.strategy($0) } + Baseline.allCases.map { Filling.Chooser.baseline($0) }
        let study = FillingStudy(try SimulatedHost(host).capacity(nil), shapes, by: choosers, starts: starts ?? 1)
        Terminal.print(
            json
                ? FillingText.document(study, mix: mix, tasks: shapes.count).pretty + "\n" : FillingText.table(study))
    }

    private func replay(_ trace: Trace) throws {
        var ran = trace
        ran.tasks = trace.tasks.filter { $0.duration != nil }
        guard !ran.tasks.isEmpty else {
            throw CommandFailure(
                "none of the \(trace.tasks.count) tasks of \(TraceFile.name(self.trace)) ever ran",
                hint: "when they did is told by the columns scheduled_time and deletion_time, or Start and End")
        }
        let accounts = TracedAccounts(ran, groups: try groupsOfUsers() ?? [:], pools: try poolsOfUsers() ?? [:])
        let host = try SimulatedHost(host)
        // Each is read once, for it may be a pipe.
        var documents: [String: JSONValue] = [:]
        let replays = try configurations().map { configuration in
            var configuration = configuration
            if let file = configuration.file {
                let document = try documents[file] ?? SimulatedConfiguration.document(file)
                documents[file] = document
                try configuration.take(document, accounts)
            }
            let capacity = try host.capacity(configuration.capacity)
            do throws(ReplayError) {
                return (configuration, try Replay(capacity, ran, configuration.replay, accounts: accounts))
            } catch {
                throw configuration.failure(error)
            }
        }
        for pool in try poolsOfUsers().map({ $0.values.sorted() }) ?? []
        where replays.allSatisfy({ $0.1.pools[pool] == nil }) {
            throw CommandFailure("no configuration has a pool \(pool.text), which --pools names", status: 2)
        }
        let whole = try host.whole()
        let columns = replays.map { ReplayText.Column($0, whole, ran.tasks, $1) }
        if let svg {
            let span = columns.map(\.figures.span).max() ?? 0
            let drawings = zip(columns, replays).map { column, replay in
                (
                    title: column.configuration.title(beside: columns[0].configuration),
                    chart: ReplayChart(whole, ran, replay.1.fates, span: span)
                )
            }
            try save(ReplaySVG(drawings).description, to: svg)
        }
        let text = ReplayText(columns: columns, leftOut: trace.tasks.count - ran.tasks.count)
        Terminal.print(json ? text.document.pretty + "\n" : text.table)
    }

    private func save(_ text: String, to path: String) throws {
        do {
            try OutputFile.write(Array(text.utf8), to: path)
        } catch {
            throw CommandFailure("\(error)", hint: "name a file in a folder that you may write to")
        }
    }

    private func configurations() throws -> [SimulatedConfiguration] {
        var first = Replay.Configuration()
        if let strategy { first.strategy = try ConfigurationOption.strategy(strategy, "--strategy") }
        if let declared { first.declared = try ConfigurationOption.declared(declared, "--declared") }
        if let policy { first.policy = try ConfigurationOption.policy(policy, "--policy") }
        if let priorities {
            first.priorities = try ConfigurationOption.numbers(
                priorities, "--priorities", ReservationRequest.priorities)
        }
        if let weights {
            first.weights = try ConfigurationOption.numbers(weights, "--weights", ConfigurationOption.weights)
        }
        if let quota { first.quotas = try ConfigurationOption.quotas(quota) }
        guard first.policy != .quota || !first.quotas.isEmpty else { throw SimulateCommand.needsQuota }
        let all = [SimulatedConfiguration(first, file: config)]
        guard let vs else { return all }
        let (second, file) = try ConfigurationOption.read(vs, over: first, of: config)
        guard second.policy != .quota || !second.quotas.isEmpty else { throw SimulateCommand.needsQuota }
        return all + [SimulatedConfiguration(second, file: file)]
    }

    private static let needsQuota = ValidationError(
        "the policy quota wants --quota: cpu=32,memory=64GiB,gpu=2,reservations=100")

    private func groupsOfUsers() throws -> [String: String]? {
        try groups.map { try ConfigurationOption.words($0, "--groups") }
    }

    private func poolsOfUsers() throws -> [String: PoolName]? { try pools.map { try ConfigurationOption.pools($0) } }

    private func mix() throws -> TaskMix {
        guard let mix = TaskMix(rawValue: only) else {
            throw ValidationError("--only wants one of \(TaskMix.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return mix
    }

    /// In milliseconds after the first task.
    private func times() throws -> (from: Int64, until: Int64) {
        func read(_ text: String?, _ option: String) throws -> Int64? {
            do {
                return try text.map { try Duration(parsing: $0).milliseconds }
            } catch {
                throw ValidationError("\(option): \(error)")
            }
        }
        return (try read(from, "--from") ?? 0, try read(until, "--until") ?? .max)
    }
}
