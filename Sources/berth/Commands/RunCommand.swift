internal import ArgumentParser
internal import BerthJSON
internal import BerthKernel
internal import Glibc

/// `berth run`: becomes a program in a reservation of its own.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a program in a part of the host of its own.",
        usage: "berth run [<options>] -- <program> [<arguments> ...]",
        discussion: """
            Reserves, and becomes the program: with the same process number, terminal, signals, user and environment. \
            The reservation ends when the last process of the program has ended, or its lease is over.

            EXAMPLES
              berth run --cpu 2 --memory 4GiB -- make -j2
              berth run --exclusive-cpu 4 --set-env -- ./simulate  four CPUs of its own
              berth run --cpu 1 --limit-cpu 4 -- ./server          one, at most four
              berth run --gpu 0.5 --cpu 4 -- ./serve               half a GPU
              berth run --exclusive-cpu 8 --gpu 2 --same numa -- ./train
              berth run --gpu 1 --or cpu=16 -- ./train             a GPU, or else 16 CPUs
              berth run --cpu 2..8 -- make                         as many as there are, at least two
              berth run --cpu 8 --wait 10m -- make -j8             waits for its turn
              berth run --memory 2GiB --io-write /dev/vda=50MiB --lease 1h -- ./backup

            ENVIRONMENT OF THE PROGRAM
              BERTH_RESERVATION, BERTH_CGROUP      the reservation, and the cgroup that holds it
              BERTH_CPU, BERTH_MEMORY, BERTH_PIDS, BERTH_NETWORK, BERTH_GPU
                                                   how much it holds
              BERTH_CPUS, BERTH_GPUS, BERTH_INTERFACE, BERTH_STORAGE
                                                   which units
              CUDA_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES
                                                   the GPUs that it holds
              what plugins give, where it is not set already

            A small process beside the program prints a line when the reservation ends under it; --quiet leaves it out.

            EXIT STATUS
              the program's own; 125 Berth failed, 126 the program cannot be executed,
              127 there is none of that name
            """)

    @OptionGroup(title: "Resources") var resources: ResourceOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var reach: SocketOptions

    @Flag(help: "Set OMP_NUM_THREADS and GOMAXPROCS to the CPUs, where they are not set.")
    var setEnv = false

    @Flag(help: "Print the reservation as one line of JSON on standard error, before the program begins.")
    var json = false

    @Flag(name: [.short, .long], help: "Say nothing; also when the reservation ends under the program.")
    var quiet = false

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("The program and its arguments.", valueName: "program"))
    var program: [String] = []

    func run() throws {
        // What is captured for the program is not looked at for this.
        if Launch.asksForHelp(program) { throw CleanExit.helpRequest(self) }
        guard !request.requeue else {
            throw CommandFailure(
                "--requeue is not for berth run: when the reservation has to go, its program is ended with it",
                hint: "berth reserve --requeue, and berth attach when it is granted", status: Launch.failed)
        }
        do throws(CommandFailure) { try launch() } catch { throw error.beforeLaunch }
    }

    private func launch() throws(CommandFailure) {
        let launch = try Launch(program)
        let body = try request.body(resources, defaultName: launch.shortName, members: ["attach": "caller"])
        let watcher = try makeWatcher()
        var perseverance = Perseverance(body, isQuiet: quiet)
        while true {
            // The agent attaches the process that connects: this one, which becomes the program.
            let connection: AgentConnection
            do throws(CommandFailure) { connection = try AgentConnection(reach.socket) } catch {
                try perseverance.bear(error)
                continue
            }
            let reservation: JSONValue
            do throws(CommandFailure) {
                reservation = try connection.reserve(perseverance.rest(of: body), isQuiet: quiet)
            } catch {
                try perseverance.bear(error)
                continue
            }
            return try become(launch, reservation, watcher)
        }
    }

    private func become(
        _ launch: Launch, _ reservation: JSONValue, _ watcher: borrowing Watcher?
    ) throws(CommandFailure) {
        guard let id = reservation["id"]?.text else {
            throw CommandFailure("the agent's answer names no reservation", hint: "is it berthd that listens there?")
        }
        watcher?.follow(id)
        if json { Terminal.print(reservation.description + "\n", to: STDERR_FILENO) }
        let failure: CommandFailure
        do throws(CommandFailure) {
            try launch.prepare(in: reservation, threads: setEnv, isQuiet: quiet)
            failure = launch.become()
        } catch {
            failure = error
        }
        watcher?.dismiss()
        // The reservation ends with this process, which is in it: to release it would end both before this is told.
        throw failure
    }

    private func makeWatcher() throws(CommandFailure) -> Watcher? {
        guard !quiet, OwnProcess.hasStandardError else { return nil }
        do throws(KernelError) {
            return try Watcher(socket: reach.socket)
        } catch {
            throw CommandFailure("\(error)", hint: "--quiet does without the process that watches the reservation")
        }
    }
}
