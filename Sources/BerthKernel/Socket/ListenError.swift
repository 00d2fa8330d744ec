internal import CLinux

/// Why nobody can listen there: what was tried, on what, and what the kernel answered.
package struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The whole sentence, with what can be done where there is something.
    package let description: String

    package init(_ description: String) { self.description = description }

    /// A call that the kernel refused.
    init(_ call: String, _ path: String, _ code: Int32) {
        let name = berth_error_name(code).map { String(cString: $0) } ?? "error \(code)"
        description = "\(call) \(path): \(name)"
    }
}
