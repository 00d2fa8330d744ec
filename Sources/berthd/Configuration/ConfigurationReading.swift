internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthModel
internal import Foundation

extension Configuration {
    /// Reads a configuration file and the drop-ins beside it (`berth.yaml.d/*.yaml`, by name); a top-level key of a later
    /// file takes the place of that of an earlier one. An absent file is the standard configuration.
    /// - Throws: the first thing that is wrong, with file and line
    init(file: String) throws(ConfigurationError) {
        self.init()
        let folder = file + ".d"
        let dropIns = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
        for path in [file] + dropIns {
            guard FileManager.default.fileExists(atPath: path) else { continue }
            guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8)
            else { throw ConfigurationError(file: path, line: nil, reason: "cannot be read as UTF-8 text") }
            let document = try YAMLDocument(parsing: text, file: path)
            do throws(JSONFieldError) {
                try read(document.value)
            } catch {
                throw ConfigurationError(file: path, line: document.line(of: error.pointer), reason: error.description)
            }
        }
    }

    private mutating func read(_ value: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(value)
        if let reserved = try fields.optional("system_reserved", .systemReserved) {
            if let cpu = reserved.cpu { capacity.reservedCPU = cpu }
            if let memory = reserved.memory { capacity.reservedMemory = memory }
        }
        if let disks = try fields.optional("disks", .dictionary(of: .diskRates)) { capacity.diskRates = disks }
        if let shapes = try fields.optional("shapes", .shapes) { capacity.shapes = shapes }
        if let roles = try fields.optional("roles", .roles) {
            self.roles.members = roles.members
            self.roles.others = roles.others
        }
        if let caps = try fields.optional("caps", .caps) {
            roles.caps = caps.caps
            roles.priorities = caps.priorities
            connectionsPerUser = caps.connections ?? connectionsPerUser
        }
        if let pool = try fields.optional("pools", .pools) {
            policies = pool.policies
            pools = pool.pools
            roles.groups = pool.groups
        }
        if let preemption = try fields.optional("preemption", .preemption) { self.preemption = preemption }
        if let windows = try fields.optional("maintenance", .array(of: MaintenanceWindow.reader)) {
            guard Set(windows.map(\.id)).count == windows.count else {
                throw fields.invalid("maintenance", "has two windows of the same id")
            }
            maintenance = windows
        }
        if let plugins = try fields.optional("plugins", .plugins) { self.plugins = plugins }
        try fields.finish()
    }
}

extension JSONReader where Value == PreemptionTerms {
    fileprivate static var preemption: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let standard = PreemptionTerms()
            let grace = try fields.optional("grace", .duration) ?? standard.grace
            let most = try fields.optional("most", .duration) ?? max(grace, standard.most)
            for (name, value) in [("grace", grace), ("most", most)] where value > .seconds(3600) {
                throw fields.invalid(name, "is \(value.text)", expected: "at most 1h")
            }
            guard grace <= most else {
                throw fields.invalid("most", "is \(most.text), less than the grace of \(grace.text)")
            }
            return PreemptionTerms(grace: grace, most: most)
        }
    }
}

extension JSONReader where Value == ValidatorSettings {
    fileprivate static var validator: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var settings = ValidatorSettings()
            if let order = try fields.optional("order", .int64) { settings.order = order }
            if let wait = try fields.optional("wait", .duration) { settings.wait = wait.milliseconds }
            if let absence = try fields.optional("absent", .oneOf(ValidatorSettings.Absence.self)) {
                settings.absence = absence
            }
            return settings
        }
    }
}

extension JSONReader where Value == PluginSettings {
    fileprivate static var plugins: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var plugins = PluginSettings()
            if let folder = try fields.optional("folder", .string) {
                guard folder.hasPrefix("/") else { throw fields.invalid("folder", "must be a path from the root on") }
                plugins.folder = folder
            }
            if let users = try fields.optional("users", .string) {
                let ends = users.split(separator: "-", omittingEmptySubsequences: false).map { UInt32($0) }
                guard ends.count == 2, let first = ends[0], let last = ends[1], first > 0, first <= last else {
                    throw fields.invalid("users", "is \(users)", expected: "two numbers of users, such as 60600-61099")
                }
                plugins.users = first...last
            }
            plugins.validators = try fields.optional("validators", .dictionary(of: .validator)) ?? [:]
            plugins.settings = try fields.optional("settings", .dictionary(of: .object)) ?? [:]
            return plugins
        }
    }
}

extension JSONReader where Value == (cpu: Quantity?, memory: Quantity?) {
    fileprivate static var systemReserved: JSONReader {
        .fields { fields throws(JSONFieldError) in
            (try fields.optional("cpu", .atLeastZero(.cpus)), try fields.optional("memory", .atLeastZero(.bytes)))
        }
    }
}

extension JSONReader where Value == Quantity {
    /// A quantity that may be nothing.
    static func atLeastZero(_ measure: Measure) -> JSONReader {
        JSONReader(expecting: measure.example) { value throws(JSONFieldError) in
            do throws(ParseError) {
                return try measure.quantity(value)
            } catch {
                throw .invalid("is \(value.excerpt), not \(error.expected)", expected: error.expected)
            }
        }
    }
}

extension JSONReader where Value == StorageRates {
    fileprivate static var diskRates: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var rates = StorageRates()
            for rate in StorageRates.all {
                rates[keyPath: rate.path] = try fields.optional(rate.name, .quantity(rate.measure))
            }
            return rates
        }
    }
}

extension JSONReader where Value == (members: [Role: Roles.Members], others: Role?) {
    fileprivate static var roles: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var members: [Role: Roles.Members] = [:]
            members[.observe] = try fields.optional("observe", .members)
            members[.submit] = try fields.optional("submit", .members)
            // Root can read and write all that Berth holds anyway: leaving it out would only mislead.
            members[.admin] = try fields.optional("admin", .members) ?? Roles.Members()
            members[.admin]?.users.insert(0)
            let others = try fields.optional("others", .oneOf(Others.self)) ?? .none
            return (members, others == .observe ? .observe : others == .submit ? .submit : nil)
        }
    }
}

/// The role of everybody who is not named.
private enum Others: String, CaseIterable {
    case none, observe, submit
}

extension JSONReader where Value == Roles.Members {
    fileprivate static var members: JSONReader {
        .fields { fields throws(JSONFieldError) in
            Roles.Members(
                users: Set(try fields.optional("users", .array(of: .account("user", Account.user))) ?? []),
                groups: Set(try fields.optional("groups", .array(of: .account("group", Account.group))) ?? []))
        }
    }
}

extension JSONReader where Value == UInt32 {
    /// A user or group, by name or number.
    static func account(_ noun: String, _ find: @escaping (String) -> UInt32?) -> JSONReader {
        JSONReader(expecting: "the name or number of a \(noun)") { value throws(JSONFieldError) in
            let name: String
            switch value {
            case .string(let text): name = text
            case .number(let number): name = number.lexeme
            default: throw .wrongType(expected: "the name or number of a \(noun)", found: value)
            }
            guard let number = find(name) else { throw .invalid("is no \(noun) of this host") }
            return number
        }
    }
}

extension JSONReader where Value == (caps: Caps, connections: Int?, priorities: Roles.Priorities) {
    fileprivate static var caps: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var caps = Caps.standard
            if let reservations = try fields.optional("reservations", .atLeastOne) { caps.reservations = reservations }
            if let lease = try fields.optional("lease", .duration) { caps.lease = lease }
            if let resources = try fields.optional("resources", ResourceChange.reader) {
                for part in resources.parts { caps.quantities[part.type] = part.amount }
            }
            if let priority = try fields.optional("priority", .priority) { caps.priority = priority }
            let priorities = try fields.optional("priorities", .priorities) ?? Roles.Priorities()
            return (caps, try fields.optional("connections", .atLeastOne), priorities)
        }
    }
}

extension JSONReader where Value == Int {
    static var atLeastOne: JSONReader {
        JSONReader(expecting: "a whole number of at least 1") { value throws(JSONFieldError) in
            let number = try JSONReader<Int64>.int64.read(value)
            guard number >= 1, number <= 1_000_000_000 else { throw .invalid("must be a whole number of at least 1") }
            return Int(number)
        }
    }
}
