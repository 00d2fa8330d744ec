internal import BerthKernel
internal import CSystemd

/// Why the workloads have no scope: what was tried, on what, what systemd or the kernel answered, and what can be done.
struct ScopeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole sentence.
    let description: String
    /// What D-Bus calls the error, such as `org.freedesktop.systemd1.NoSuchUnit`; nil where it came from elsewhere.
    let name: String?

    init(_ description: String, name: String? = nil) {
        self.description = description
        self.name = name
    }

    /// An error number, as the functions of libsystemd return it: negative.
    init(_ tried: String, answer: Int32) { self.init("\(tried): \(errorName(-answer))") }

    /// What the peer of a D-Bus call answered, else the number that the call returned.
    init(_ tried: String, answer: Int32, error: sd_bus_error) {
        guard let text = error.name else {
            self.init(tried, answer: answer)
            return
        }
        let name = String(cString: text)
        let message = error.message.map { String(cString: $0) } ?? name
        self.init("\(tried): \(message) (\(name))", name: name)
    }

    init(_ error: KernelError) { self.init(error.description) }
}

extension ScopeError {
    /// There is no unit of that name, or none that is loaded.
    var saysNoSuchUnit: Bool { name == "org.freedesktop.systemd1.NoSuchUnit" }
}
