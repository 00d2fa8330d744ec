internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import Glibc

extension Configuration {
    /// Reads a configuration file and the drop-ins beside it (`berth.yaml.d/*.yaml`, by name); a top-level key of a later
    /// file takes the place of that of an earlier one. An absent file is the standard configuration.
    /// - Parameters:
    ///   - names: the users and groups that there are
    ///   - isRequired: whether the file must be there
    /// - Throws: the first thing that is wrong, with file and line
    init(file: String, names: AccountNames = Account.names, isRequired: Bool = false) throws(ConfigurationError) {
        self.init()
        var members = JSONObject()
        for path in [file] + (try Configuration.dropIns(inFolder: file + ".d")) {
            guard let text = try Configuration.text(path) else {
                guard path != file || !isRequired else {
                    throw ConfigurationError(file: file, line: nil, reason: "is not there")
                }
                continue
            }
            if path == file { isThere = true }
            let document = try YAMLDocument(parsing: text, file: path)
            do throws(JSONFieldError) {
                try read(document.value, names)
            } catch {
                throw ConfigurationError(file: path, line: document.line(of: error.pointer), reason: error.description)
            }
            if case .object(let object) = document.value { for (key, value) in object { members[key] = value } }
        }
        self.document = .object(members)
    }

    /// The drop-ins in a folder, by name; none where there is no such folder.
    private static func dropIns(inFolder folder: String) throws(ConfigurationError) -> [String] {
        do throws(KernelError) {
            return try Root.names(inFolder: folder).filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }
                .map { "\(folder)/\($0)" }
        } catch {
            guard error.code == ENOENT else {
                throw ConfigurationError(file: folder, line: nil, reason: error.description)
            }
            return []
        }
    }

    /// So long a file may be, in bytes.
    private static let longest = 1 << 22

    /// What a file says; nil where there is none. One that cannot be read is not one that is not there: what it restricts would
    /// be free.
    private static func text(_ path: String) throws(ConfigurationError) -> String? {
        let bytes: [UInt8]
        do throws(KernelError) {
            bytes = try InputFile.bytes(path, atMost: longest)
        } catch {
            guard error.code == ENOENT else {
                throw ConfigurationError(file: path, line: nil, reason: error.description)
            }
            return nil
        }
        guard bytes.count <= longest else {
            throw ConfigurationError(file: path, line: nil, reason: "is longer than \(longest) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(file: path, line: nil, reason: "is not UTF-8 text")
        }
        return text
    }

    private mutating func read(_ value: JSONValue, _ names: AccountNames) throws(JSONFieldError) {
        var fields = try JSONFields(value)
        try capacity.read(&fields)
        if let roles = try fields.optional("roles", .roles(names)) {
            self.roles.members = roles.members
            self.roles.others = roles.others
        }
        if let caps = try fields.optional("caps", .caps(names)) {
            roles.caps = caps.caps
            roles.priorities = caps.priorities
            connectionsPerUser = caps.connections ?? Configuration().connectionsPerUser
        }
        if let pools = try fields.optional("pools", .configuredPools(names)) { self.pools = pools }
        if let preemption = try fields.optional("preemption", PreemptionTerms.reader) { self.preemption = preemption }
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

extension JSONReader where Value == (members: [Role: Roles.Members], others: Role?) {
    fileprivate static func roles(_ names: AccountNames) -> JSONReader {
        .fields { fields throws(JSONFieldError) in
            var members: [Role: Roles.Members] = [:]
            members[.observe] = try fields.optional("observe", .members(names))
            members[.submit] = try fields.optional("submit", .members(names))
            // They can read and write all that Berth holds anyway: leaving them out would only mislead.
            members[.admin] = try fields.optional("admin", .members(names)) ?? Roles.Members()
            members[.admin]?.users.formUnion(Roles.owners)
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
    fileprivate static func members(_ names: AccountNames) -> JSONReader {
        .fields { fields throws(JSONFieldError) in
            Roles.Members(
                users: Set(try fields.optional("users", .array(of: names.user)) ?? []),
                groups: Set(try fields.optional("groups", .array(of: names.group)) ?? []))
        }
    }
}

extension JSONReader where Value == (caps: Caps, connections: Int?, priorities: Roles.Priorities) {
    fileprivate static func caps(_ names: AccountNames) -> JSONReader {
        .fields { fields throws(JSONFieldError) in
            var caps = Caps.standard
            if let reservations = try fields.optional("reservations", .atLeastOne) { caps.reservations = reservations }
            if let lease = try fields.optional("lease", .duration) { caps.lease = lease }
            if let resources = try fields.optional("resources", ResourceChange.reader) {
                for part in resources.parts { caps.quantities[part.type] = part.amount }
            }
            if let priority = try fields.optional("priority", .priority) { caps.priority = priority }
            let priorities = try fields.optional("priorities", .priorities(names)) ?? Roles.Priorities()
            return (caps, try fields.optional("connections", .atLeastOne), priorities)
        }
    }
}

extension JSONReader where Value == Int {
    /// The highest priority that somebody may give a request.
    fileprivate static var priority: JSONReader { .int(in: 0...ReservationRequest.priorities.upperBound) }
}

extension JSONReader where Value == Roles.Priorities {
    /// Who may give requests a higher priority than others.
    fileprivate static func priorities(_ names: AccountNames) -> JSONReader {
        .fields { fields throws(JSONFieldError) in
            var priorities = Roles.Priorities()
            let users = try fields.optional("users", .byName(names.user, .priority)) ?? []
            for (user, most) in users { priorities.users[user] = most }
            let groups = try fields.optional("groups", .byName(names.group, .priority)) ?? []
            for (group, most) in groups { priorities.groups[group] = most }
            return priorities
        }
    }
}
