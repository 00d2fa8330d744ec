internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The program that this process becomes, and what is set on the process before.
struct Launch {
    private let program: Program
    /// The program's own arguments as the kernel gave them, for they need not be text; ended by nil.
    private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    /// The program's name as the person wrote it.
    let name: String
    /// The program and its arguments, as far as they are text.
    private let words: [String]

    /// Berth itself failed; the program was not started.
    static let failed: Int32 = 125
    /// The program is there and cannot be executed.
    static let notExecutable: Int32 = 126
    /// There is no such program.
    static let notFound: Int32 = 127

    /// Finds the program before anything is reserved for it.
    /// - Parameter words: the program and its arguments, the end of the command line; a `--` before them counts not
    init(_ words: [String]) throws(CommandFailure) {
        let words = words.first == "--" ? words.dropFirst() : words[...]
        let start = Int(CommandLine.argc) - words.count
        guard let name = words.first, start > 0, let first = CommandLine.unsafeArgv[start] else {
            throw CommandFailure("no program is named", hint: "name it behind --: berth run --cpu 2 -- make", status: 2)
        }
        // Behind -- any name is a program's; before it this is an option that nobody knows.
        if name.hasPrefix("-"), CommandLine.arguments.dropFirst(start - 1).first != "--" {
            throw CommandFailure(
                "unknown option \(name.printable)",
                hint: "options stand before the program, and before the id of attach; --help lists them", status: 2)
        }
        self.name = name
        arguments = CommandLine.unsafeArgv + start
        self.words = Array(words)
        let bytes = UnsafeBufferPointer(start: first, count: strlen(first)).map { UInt8(bitPattern: $0) }
        do throws(Program.Missing) {
            program = try Program.find(bytes, in: Program.folders)
        } catch {
            switch error {
            case .notFound: throw CommandFailure("\(name.printable): command not found", status: Launch.notFound)
            case .notExecutable:
                throw CommandFailure("\(name.printable): may not be executed (EACCES)", status: Launch.notExecutable)
            }
        }
    }

    /// Whether the words are no program but the wish to be helped.
    static func asksForHelp(_ words: [String]) -> Bool { words.first == "--help" || words.first == "-h" }

    /// The last part of the program's path: what to call a reservation that nobody named.
    var shortName: String? {
        guard let last = name.split(separator: "/").last, last.count <= 128, last.utf8.count <= 512 else { return nil }
        return last.unicodeScalars.allSatisfy(\.isPrintable) ? String(last) : nil
    }

    /// Sets what the reservation gives: environment, CPUs, and a life that the kernel may end.
    /// - Parameters:
    ///   - reservation: its document
    ///   - threads: whether to set how many threads programs start
    ///   - isQuiet: whether to keep quiet about what is not as one may think
    func prepare(in reservation: JSONValue, threads: Bool, isQuiet: Bool) throws(CommandFailure) {
        let environment = GrantedEnvironment(reservation)
        let kept = Launch.set(environment.variables)
        if !isQuiet, !kept.isEmpty {
            Terminal.note("left as set before, and not as the reservation has it: \(kept.joined(separator: ", "))")
        }
        if threads { for (name, value) in environment.threads { setenv(name, value, 0) } }
        if let cpus = environment.unheldCPUs {
            do throws(KernelError) {
                try OwnProcess.bind(to: cpus)
                if !isQuiet {
                    Terminal.note("the agent cannot hold CPUs \(cpus) for this program: bound to them by its affinity")
                }
            } catch {
                if !isQuiet { Terminal.note("the agent cannot hold CPUs \(cpus) for this program: \(error)") }
            }
        }
        if !isQuiet { for line in AmendmentText.lines(reservation) { Terminal.note(line) } }
        if !isQuiet, let client = ContainerClient(words) { Terminal.note(client.warning(in: reservation)) }
        do throws(KernelError) {
            try OwnProcess.giveUpOOMExemption()
        } catch {
            throw CommandFailure("the out-of-memory killer would pass over this program: \(error)")
        }
    }

    /// Sets variables of the reservation.
    /// - Returns: those that were set before, to something else, and stay so
    private static func set(_ variables: [(name: String, value: String)]) -> [String] {
        variables.compactMap { name, value in
            if !GrantedEnvironment.isAlwaysSet(name), let former = getenv(name) {
                return strcmp(former, value) == 0 ? nil : name
            }
            setenv(name, value, 1)
            return nil
        }
    }

    /// Becomes the program. Returns only where the kernel refuses.
    func become() -> CommandFailure {
        let error = program.become(arguments)
        let hint = error.isMissing ? "its interpreter (behind #!) or its loader is not there" : nil
        return CommandFailure(
            "\(error)".printable, hint: hint, status: error.isMissing ? Launch.notFound : Launch.notExecutable)
    }
}

extension KernelError {
    /// The program was found before: what is missing is its interpreter, or it went away since.
    fileprivate var isMissing: Bool { code == ENOENT }
}

extension CommandFailure {
    /// The failure with the status of a command that becomes a program.
    var beforeLaunch: CommandFailure {
        var failure = self
        if ![Launch.notFound, Launch.notExecutable].contains(status) { failure.status = Launch.failed }
        return failure
    }
}
