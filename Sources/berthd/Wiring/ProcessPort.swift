internal import BerthAgent
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// Finds live processes by descriptor.
struct ProcessPort: Processes {
    /// One live process behind the agent's port.
    struct Handle: ProcessHandle {
        let process: LiveProcess
        var identity: ProcessIdentity { process.identity }
        var isAlive: Bool { process.isAlive }
        var users: ProcessUsers {
            let status = process.status
            return ProcessUsers(real: status.realUser, effective: status.effectiveUser, saved: status.savedUser)
        }
    }

    /// The boot id of this host.
    let boot: String

    func process(_ pid: Int32) throws(AttachError) -> any ProcessHandle {
        try process(pid, pidfd: nil, startedBefore: nil)
    }

    func process(_ identity: ProcessIdentity) throws(AttachError) -> (any ProcessHandle)? {
        guard identity.boot == boot else { return nil }
        do throws(KernelError) {
            let process = try LiveProcess(identity.pid, boot: boot)
            return process.identity == identity ? Handle(process: process) : nil
        } catch {
            guard error.code == ESRCH else { throw .kernel(error.description) }
            return nil
        }
    }

    /// The process at the other end of a connection: by the descriptor that the kernel gave of it, else by its number
    /// as long as it started before the connection was taken.
    func process(
        _ pid: Int32, pidfd: Int32?, startedBefore: Int64?
    ) throws(AttachError) -> any ProcessHandle {
        let process: LiveProcess
        do throws(KernelError) {
            process =
                if let pidfd {
                    try LiveProcess(pid, pidfd: Descriptor(owning: pidfd), boot: boot)
                } else {
                    try LiveProcess(pid, boot: boot, startedBefore: startedBefore)
                }
        } catch {
            throw error.code == ESRCH ? .gone(pid: pid) : .kernel(error.description)
        }
        if let what = ProcessPort.untouchable(process) { throw .untouchable(pid: pid, what) }
        return Handle(process: process)
    }

    /// What a process is that must stay where it is: moved or ended with a reservation it would take the host or the
    /// agent along. Nil for all others.
    private static func untouchable(_ process: LiveProcess) -> String? {
        switch process.identity.pid {
        case 1: "the first process of the system"
        case getpid(): "the agent itself"
        default: process.isKernelThread ? "a thread of the kernel" : nil
        }
    }
}
