/// The units of a service manager, by its bus. Its calls block.
struct ServiceUnits {
    let bus: Bus

    /// What the manager says of a scope.
    struct Scope: Hashable, Sendable {
        /// `active`, `inactive`, `failed`, `activating`, `deactivating`.
        var state: String
        /// Its cgroup, below the root of the tree of cgroups and with a leading slash; empty where it has none.
        var controlGroup: String
        /// Whether what is below it was handed over.
        var isDelegated: Bool
    }

    /// A scope; nil where none is loaded.
    func scope(_ name: String) throws(ScopeError) -> Scope? {
        let unit: String
        do throws(ScopeError) {
            unit = try bus.call(BusMethod("GetUnit"), "look for \(name)") { call throws(ScopeError) in
                try call.append(name)
            }.text("o")
        } catch {
            if error.saysNoSuchUnit { return nil }
            throw error
        }
        do throws(ScopeError) {
            return Scope(
                state: try property("ActiveState", .unit, of: unit, name).text(),
                controlGroup: try property("ControlGroup", .scope, of: unit, name).text(),
                isDelegated: try property("Delegate", .scope, of: unit, name, type: "b").flag())
        } catch {
            // It may have been unloaded between two questions.
            if error.name == "org.freedesktop.DBus.Error.UnknownObject" { return nil }
            throw error
        }
    }

    /// Asks for a new scope. It is there once the manager has run the job, some time after this has returned.
    func startScope(_ name: String, _ properties: [UnitProperty]) throws(ScopeError) {
        try bus.call(BusMethod("StartTransientUnit"), "start \(name)") { call throws(ScopeError) in
            try call.append(name)
            try call.append("fail")
            try call.append(properties)
            try call.append("a", of: "(sa(sv))")
        }
    }

    /// Changes settings of a unit until the next boot; a daemon-reload keeps them.
    func set(_ properties: [UnitProperty], of name: String) throws(ScopeError) {
        let names = properties.map(\.name).joined(separator: ", ")
        try bus.call(BusMethod("SetUnitProperties"), "set \(names) of \(name)") { call throws(ScopeError) in
            try call.append(name)
            try call.append(true)
            try call.append(properties)
        }
    }

    /// Moves a process into a group below a unit's. The manager may do that where an ordinary user may not.
    func attach(_ process: Int32, to name: String, group: String) throws(ScopeError) {
        try bus.call(
            BusMethod("AttachProcessesToUnit"), "move process \(process) into \(name)\(group)"
        ) { call throws(ScopeError) in
            try call.append(name)
            try call.append(group)
            try call.append([UInt32(process)])
        }
    }

    /// Has the manager forget that a unit failed.
    func forgetFailure(of name: String) throws(ScopeError) {
        try bus.call(BusMethod("ResetFailedUnit"), "forget the failure of \(name)") { call throws(ScopeError) in
            try call.append(name)
        }
    }

    /// Interfaces that properties belong to.
    private enum Interface: String {
        case unit = "org.freedesktop.systemd1.Unit"
        case scope = "org.freedesktop.systemd1.Scope"
    }

    private func property(
        _ property: String, _ interface: Interface, of path: String, _ name: String, type: String = "s"
    ) throws(ScopeError) -> BusMessage {
        let answer = try bus.call(.property(of: path), "read \(property) of \(name)") { call throws(ScopeError) in
            try call.append(interface.rawValue)
            try call.append(property)
        }
        try answer.enterVariant(of: type)
        return answer
    }
}
