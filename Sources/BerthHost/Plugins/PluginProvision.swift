internal import BerthJSON
internal import BerthPluginKit

/// What a provider wants for the programs of a reservation, held to what its manifest says and to what any may.
struct PluginProvision {
    /// The longest value of a variable, in bytes.
    static let longestValue = 4096

    let environment: [String: String]

    /// Reads the answer to `allocate`.
    init(_ answer: JSONValue, of type: Manifest.ProvidedType?) throws(PluginSupervisor.CallFailure) {
        let provision: Provision
        do throws(JSONFieldError) { provision = try Provision.reader.read(answer) } catch {
            throw .failed(Failure("its answer to allocate makes no sense: \(error)"))
        }
        let allowed = Set(type?.environment ?? [])
        for (name, value) in provision.environment {
            guard allowed.contains(name) else {
                throw .failed(Failure("it sets \(name), which its manifest does not name"))
            }
            guard value.utf8.count <= PluginProvision.longestValue,
                value.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
            else { throw .failed(Failure("the value of \(name) is too long, or has control characters")) }
        }
        guard provision.devices.isEmpty, provision.cgroup.isEmpty, provision.quotas.isEmpty else {
            throw .failed(Failure("it wants more than an environment, which this agent cannot give yet"))
        }
        environment = provision.environment
    }
}
