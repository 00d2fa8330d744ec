package import BerthKernel

/// Why a plugin's process had to be closed: what it did, in a sentence.
package enum PluginFault: Error, Hashable, Sendable {
    /// It could not be started.
    case unstartable(KernelError)
    /// Its files cannot be read.
    case unreadable(KernelError)
    /// What it is, or does, is not allowed here, or makes no sense.
    case refused(String)
    /// Its host says why it does not load the library: after a few tries, another start would find the same.
    case unloadable(String)
    /// It has ended while something was asked of it.
    case died(ChildProcess.End, during: String)
    /// It did not answer in time.
    case late(during: String, milliseconds: Int64)
    /// It sent what makes no sense here.
    case broken(String)
}

extension PluginFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unstartable(let error): "it could not be started: \(error)"
        case .unreadable(let error): "its files cannot be read: \(error)"
        case .refused(let reason), .unloadable(let reason): reason
        case .died(let end, let call): "it ended during \(call): \(end)"
        case .late(let call, let milliseconds): "it did not answer \(call) within \(milliseconds) ms"
        case .broken(let reason): reason
        }
    }
}
