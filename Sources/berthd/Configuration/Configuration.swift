internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthModel
internal import Glibc

/// What `/etc/berth/berth.yaml` says. Every key is documented in the shipped file, `etc/berth.yaml`.
struct Configuration: Hashable, Sendable {
    /// Where it is looked for.
    static let packaged = "/etc/berth/berth.yaml"

    /// Whether its file was there.
    var isThere = false
    /// What is kept back, and what disks can do.
    var capacity = CapacitySettings()
    /// Who may do what.
    var roles = Roles.standard()
    /// Connections of one user at a time; root has no cap.
    var connectionsPerUser = 64
    /// The named shares of the host, and who goes first of those who wait.
    var pools: [Pool] = []
    /// How those who have to go for others are treated.
    var preemption = PreemptionTerms()
    /// When what is granted to nobody.
    var maintenance: [MaintenanceWindow] = []

    /// Where plugins lie, and what each is told.
    var plugins = PluginSettings()

    /// The same as its files say it, as one document: of keys that several have the last.
    var document: JSONValue = .object([:])

    init() {}

    /// Those keys of which only a start takes note that say something else here.
    func startKeys(otherThan other: Configuration) -> [String] {
        var keys: [String] = []
        if connectionsPerUser != other.connectionsPerUser { keys.append("caps.connections") }
        if plugins.folder != other.plugins.folder { keys.append("plugins.folder") }
        if plugins.users != other.plugins.users { keys.append("plugins.users") }
        return keys
    }
}

/// What the configuration says of plugins.
struct PluginSettings: Hashable, Sendable {
    /// The folder that they lie in.
    var folder = "/usr/lib/berth/plugins"
    /// The users that they run as, one each. Nobody else may run as these.
    var users: ClosedRange<UInt32> = 60_600...61_099
    /// What each is told, by name.
    var settings: [String: JSONObject] = [:]
    /// How validators are asked, by name. Those that are named must be there.
    var validators: [String: ValidatorSettings] = [:]
}

extension Roles {
    /// Root, and the user whom the agent runs as.
    static var owners: Set<UInt32> { [0, geteuid()] }

    /// Who owns it is admin, the group `berth` may submit, everybody else is refused.
    static func standard() -> Roles {
        Roles(
            members: [
                .admin: Roles.Members(users: owners),
                .submit: Roles.Members(groups: Set(Account.group("berth").map { [$0] } ?? [])),
            ], others: nil)
    }
}
