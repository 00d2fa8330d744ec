internal import CLinux
internal import Glibc

/// What the kernel answered to something that was tried on a path.
package struct KernelError: Error, Hashable, Sendable {
    /// What was tried, as a verb: `open`, `read`, `write "50000 100000" to`.
    package let operation: String
    /// On what.
    package let path: String
    /// The error number, as in errno(3).
    package let code: Int32

    package init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }
}

extension KernelError {
    /// ENOMEM.
    package static let outOfMemory = ENOMEM

    /// The thing is not there, or the kernel has nothing to say about it: a missing file, a value that a driver does
    /// not know (`speed` of an interface that is down is EINVAL, attributes of absent devices ENODEV or ENXIO).
    package var saysAbsent: Bool {
        switch code {
        case ENOENT, ENOTDIR, ENODEV, ENXIO, EINVAL, EOPNOTSUPP, ENODATA, ENOTTY: true
        default: false
        }
    }
}

extension KernelError: CustomStringConvertible {
    /// `open /sys/class/net: EACCES (Permission denied)`.
    package var description: String { "\(operation) \(path): \(errorName(code))" }
}

/// The name and the text of an error number, such as `EBUSY (Device or resource busy)`.
package func errorName(_ code: Int32) -> String {
    guard let name = berth_error_name(code), let text = berth_error_text(code) else { return "error \(code)" }
    return "\(String(cString: name)) (\(String(cString: text)))"
}
