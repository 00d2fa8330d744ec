internal import BerthJSON

/// A program that only asks a daemon or another manager to do its work, which then happens outside of the reservation.
struct ContainerClient {
    private let name: String

    private static let names = ["docker", "docker-compose", "podman", "podman-compose", "nerdctl"]

    /// - Parameter program: a program's name or path; nil comes back where it is no such client
    init?(_ program: String) {
        let last = program.split(separator: "/").last.map(String.init) ?? ""
        guard ContainerClient.names.contains(last) else { return nil }
        name = last
    }

    /// What the person should know, and what to pass to the client instead.
    func warning(in reservation: JSONValue) -> String {
        let options = ContainerClient.options(for: reservation)
        return "what \(name) starts runs outside of this reservation; it keeps to its part only if you tell it so"
            + (options.isEmpty ? "" : ":\n       \(name) run \(options.joined(separator: " ")) …")
    }

    /// The limits of a reservation as the options of `docker run`.
    private static func options(for reservation: JSONValue) -> [String] {
        let resources = reservation["resources"]
        func number(_ type: String) -> String? {
            let hold = resources?[type]
            guard case .number(let number)? = hold?["limit"] ?? hold?["amount"] else { return nil }
            return number.lexeme
        }
        let cpus = resources?["cpu"]?["cpus"]?.text.map { "--cpuset-cpus=\($0.printable)" }
        return [
            cpus ?? number("cpu").map { "--cpus=\($0)" }, number("memory").map { "--memory=\($0)b" },
            number("pids").map { "--pids-limit=\($0)" },
        ].compactMap { $0 }
    }
}
