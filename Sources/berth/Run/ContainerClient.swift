internal import BerthJSON

/// A program that only asks a daemon or another manager to do its work, which then happens outside of the reservation.
struct ContainerClient {
    private let name: String
    /// Whether it reads its limits from a file.
    private let isCompose: Bool

    private static let names = ["docker", "docker-compose", "podman", "podman-compose", "nerdctl"]
    /// Programs that run the one they are given after their own options, and after numbers: `timeout 10m`, `nice -n 5`.
    private static let wrappers = [
        "chrt", "env", "ionice", "nice", "nohup", "numactl", "setsid", "stdbuf", "sudo", "taskset", "time", "timeout",
    ]

    /// - Parameter words: a program's name or path, and its arguments; nil comes back where it is no such client
    init?(_ words: some Sequence<String>) {
        var left = Array(words)[...]
        if left.first.map({ ContainerClient.wrappers.contains(ContainerClient.base($0)) }) == true {
            left = left.drop { word in
                ContainerClient.wrappers.contains(ContainerClient.base(word)) || word.hasPrefix("-")
                    || word.contains("=") || word.first?.isNumber == true
            }
        }
        var rest = left.makeIterator()
        guard let program = rest.next().map(ContainerClient.base), ContainerClient.names.contains(program) else {
            return nil
        }
        name = program
        isCompose = program.hasSuffix("compose") || rest.next() == "compose"
    }

    private static func base(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// What the person should know, and what to pass to the client instead.
    func warning(in reservation: JSONValue) -> String {
        let limits = ContainerClient.limits(of: reservation)
        let told = "what \(name) starts runs outside of this reservation; it keeps to its part only if you tell it so"
        guard !limits.isEmpty else { return told }
        guard isCompose else {
            return "\(told):\n       \(name) run \(limits.map { "\($0.option)=\($0.value)" }.joined(separator: " ")) …"
        }
        let keys = limits.compactMap { limit in limit.key.map { "\($0): \(limit.value)" } }
        return "\(told), in its file under each service, in all at most:\n       {\(keys.joined(separator: ", "))}"
    }

    /// A limit: the option of `docker run`, the key of a compose file where there is one, and the value.
    private typealias Limit = (option: String, key: String?, value: String)

    private static func limits(of reservation: JSONValue) -> [Limit] {
        let resources = reservation["resources"]
        func number(_ type: String) -> String? {
            let hold = resources?[type]
            guard case .number(let number)? = hold?["limit"] ?? hold?["amount"] else { return nil }
            return number.lexeme
        }
        let cpus = resources?["cpu"]?["cpus"]?.text.map { ("--cpuset-cpus", "cpuset", $0.printable) as Limit }
        var limits = [
            cpus ?? number("cpu").map { ("--cpus", "cpus", $0) },
            number("memory").map { ("--memory", "mem_limit", "\($0)b") },
            number("pids").map { ("--pids-limit", "pids_limit", $0) },
        ].compactMap { $0 }
        for disk in resources?["storage"]?.elements ?? [] {
            guard let device = disk["device"]?.text?.printable else { continue }
            for (rate, option) in [
                ("read", "--device-read-bps"), ("write", "--device-write-bps"), ("read_iops", "--device-read-iops"),
                ("write_iops", "--device-write-iops"),
            ] {
                guard case .number(let most)? = disk[rate] else { continue }
                limits.append((option, nil, "/dev/\(device):\(most.lexeme)"))
            }
        }
        // As the container toolkit of NVIDIA takes them; other GPUs are device files.
        let names = reservation["env"]?["NVIDIA_VISIBLE_DEVICES"] ?? reservation["env"]?["CUDA_VISIBLE_DEVICES"]
        if let gpus = names?.text, !gpus.isEmpty { limits.append(("--gpus", nil, "'\"device=\(gpus.printable)\"'")) }
        return limits
    }
}
