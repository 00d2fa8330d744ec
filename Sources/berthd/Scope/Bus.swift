internal import BerthKernel
internal import CSystemd
internal import Glibc

/// Where a service manager is spoken to.
enum BusKind: String, Hashable, Sendable {
    /// The manager of the host, by the bus of the host.
    case system
    /// The manager of the user that this process runs as, by the user's own bus.
    case user
}

/// A connection to a message bus (sd-bus(3)), for one thread at a time. Its calls block.
final class Bus {
    /// Which one it is.
    let kind: BusKind
    /// The connection, for those who listen on it.
    let handle: OpaquePointer

    /// How long one call may take. A manager that is busy reloading its units answers late.
    static let patience: Duration = .seconds(25)

    /// Connects.
    init(_ kind: BusKind) throws(ScopeError) {
        self.kind = kind
        var handle: OpaquePointer?
        let answer =
            switch kind {
            case .system: sd_bus_open_system(&handle)
            case .user: Bus.openUser(&handle)
            }
        guard answer >= 0, let handle else {
            let question =
                switch kind {
                case .system: "is systemd the first process here, and dbus running?"
                case .user: "is there a user manager? `loginctl enable-linger` keeps one."
                }
            throw ScopeError(
                "connect to the \(kind.rawValue) bus: \(errorName(-answer)); \(question) "
                    + "Else say --cgroup-root, a cgroup to work in or none")
        }
        self.handle = handle
    }

    deinit { sd_bus_flush_close_unref(handle) }

    /// A user who came by su or sudo has a manager and no variable that says where.
    private static func openUser(_ handle: inout OpaquePointer?) -> Int32 {
        if getenv("DBUS_SESSION_BUS_ADDRESS") != nil || getenv("XDG_RUNTIME_DIR") != nil {
            return sd_bus_open_user(&handle)
        }
        var made: OpaquePointer?
        var answer = sd_bus_new(&made)
        if answer >= 0 { answer = sd_bus_set_address(made, "unix:path=/run/user/\(getuid())/bus") }
        if answer >= 0 { answer = sd_bus_set_bus_client(made, 1) }
        if answer >= 0 { answer = sd_bus_start(made) }
        guard answer >= 0 else {
            sd_bus_unref(made)
            return answer
        }
        handle = made
        return answer
    }

    /// Calls a method and waits for its answer.
    /// - Parameters:
    ///   - method: whose method it is and what it is called
    ///   - tried: what an error says was tried, such as `start berth-workloads.scope`
    ///   - arguments: puts the arguments into the message
    @discardableResult
    func call(
        _ method: BusMethod, _ tried: String, _ arguments: (BusMessage) throws(ScopeError) -> Void = { _ in }
    ) throws(ScopeError) -> BusMessage {
        var made: OpaquePointer?
        let answer = sd_bus_message_new_method_call(
            handle, &made, BusMethod.manager, method.path, method.interface, method.member)
        guard answer >= 0, let made else { throw ScopeError(tried, answer: answer) }
        let message = BusMessage(owning: made, tried)
        try arguments(message)
        var error = sd_bus_error()
        defer { sd_bus_error_free(&error) }
        var reply: OpaquePointer?
        let (seconds, _) = Bus.patience.components
        let called = sd_bus_call(handle, message.handle, UInt64(seconds) * 1_000_000, &error, &reply)
        guard called >= 0, let reply else { throw ScopeError(tried, answer: called, error: error) }
        return BusMessage(owning: reply, tried)
    }
}

/// A method of the service manager: org.freedesktop.systemd1(5).
struct BusMethod: Hashable, Sendable {
    /// What the service manager is called on a bus.
    static let manager = "org.freedesktop.systemd1"
    /// The object of the manager itself.
    static let managerPath = "/org/freedesktop/systemd1"

    var path = BusMethod.managerPath
    var interface = "org.freedesktop.systemd1.Manager"
    let member: String

    /// A method of the manager itself.
    init(_ member: String) { self.member = member }

    /// Reads a property of an object.
    static func property(of path: String) -> BusMethod {
        var method = BusMethod("Get")
        method.path = path
        method.interface = "org.freedesktop.DBus.Properties"
        return method
    }
}
