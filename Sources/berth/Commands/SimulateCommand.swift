internal import ArgumentParser
internal import BerthCore
internal import BerthJSON
internal import BerthKernel
internal import BerthModel

/// `berth simulate`: what the agent would do with a trace of tasks. Needs no agent.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Try strategies on a trace of tasks, on a host that need not be there.",
        discussion: """
            Runs the very code that decides in the agent, on a clock of its own, so that a way to choose can be compared \
            with others before it is turned on. Needs neither the agent nor root, and the same input has the same output.

            The host is what berth host --json printed, or one that is made up: cpu=96,memory=384GiB,gpu=8, with numa=2 \
            for two NUMA nodes. The trace is a file, or - for standard input: that of openb (columns cpu_milli, \
            memory_mib, num_gpu, gpu_milli, creation_time, …), or what Slurm's sacct -P prints.

            --fill places tasks in their order, none of them ending, until \(Filling.patience) in a row are refused, by \
            each strategy and by rules that are well known: first-fit, best-fit, dot-product, worst-fit. FRAGMENTS is how \
            much of the GPUs is free then and of no use for what comes.

            EXAMPLES
              berth host --json > host.json
              berth simulate --host host.json --trace tasks.csv --fill
              berth simulate --host cpu=96,memory=384GiB,gpu=8 --trace tasks.csv --fill --only shared-gpu --starts 400
              sacct -aPo JobID,User,Submit,Start,End,ReqTRES,Timelimit,State -S 2026-11-01 |
                berth simulate --host host.json --trace - --fill

            EXIT STATUS
              0 done, 1 the host or the trace cannot be read, 2 the command line makes no sense
            """)

    @Option(help: ArgumentHelp("What berth host --json printed, or cpu=…,memory=…,gpu=….", valueName: "host"))
    var host: String

    @Option(help: ArgumentHelp("The tasks; - is standard input.", valueName: "file"), completion: .file())
    var trace: String

    @Flag(help: "Fill the host with tasks that do not end, and show how far each way to choose comes.")
    var fill = false

    @Option(
        help: ArgumentHelp("With --fill: one strategy beside the well-known rules; default: all.", valueName: "name"),
        completion: .list(Strategy.offered.map(\.rawValue)))
    var strategy: String?

    @Option(
        help: ArgumentHelp(
            "Which tasks: all, shared-gpu (a part of a GPU), whole-gpu, cpu (no GPU). Default: all.", valueName: "mix"),
        completion: .list(TaskMix.allCases.map(\.rawValue)))
    var only = TaskMix.all.rawValue

    @Option(
        help: ArgumentHelp(
            "With --fill: begin at so many points of the trace, and show the means. Default: 1, its beginning.",
            valueName: "n"))
    var starts = 1

    @Flag(help: "Print a document, schema berth.filling/1.")
    var json = false

    func validate() throws {
        guard fill else { throw ValidationError("say --fill") }
        guard 1...100_000 ~= starts else { throw ValidationError("--starts wants 1 to 100000") }
        _ = try mix()
        _ = try choosers()
    }

    func run() throws {
        let capacity = try SimulatedHost.capacity(host)
        let mix = try mix()
        let trace = try TraceFile.read(self.trace)
        for note in trace.notes { Terminal.note(note) }
        let shapes = trace.selecting(mix).tasks.map(\.shape)
        guard !shapes.isEmpty else {
            throw CommandFailure("\(self.trace) has no tasks of the mix \(mix.rawValue)", hint: "leave out --only")
        }
        let study = FillingStudy(capacity, shapes, by: try choosers(), starts: starts)
        Terminal.print(
            json
                ? FillingText.document(study, mix: mix, tasks: shapes.count).pretty + "\n" : FillingText.table(study))
    }

    private func mix() throws -> TaskMix {
        guard let mix = TaskMix(rawValue: only) else {
            throw ValidationError("--only wants one of \(TaskMix.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return mix
    }

    private func choosers() throws -> [Filling.Chooser] {
        guard let strategy else { return Filling.Chooser.all }
        guard let known = Strategy(rawValue: strategy), Strategy.offered.contains(known) else {
            throw ValidationError(
                "--strategy wants one of \(Strategy.offered.map(\.rawValue).joined(separator: ", "))")
        }
        return [.strategy(known)] + Baseline.allCases.map { .baseline($0) }
    }
}
