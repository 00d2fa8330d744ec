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
        try process(pid, startedBefore: nil)
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

    /// A process by its number, as long as it started before a moment of CLOCK_BOOTTIME in milliseconds.
    func process(_ pid: Int32, startedBefore: Int64?) throws(AttachError) -> any ProcessHandle {
        try handle(pid) { () throws(KernelError) in
            try LiveProcess(pid, boot: boot, startedBefore: startedBefore)
        }
    }

    /// The process that the kernel gave a descriptor of.
    func found(_ pid: Int32, by descriptor: consuming Descriptor) -> Result<any ProcessHandle, AttachError> {
        let number = descriptor.release()
        return Result { () throws(AttachError) in
            try handle(pid) { () throws(KernelError) in
                try LiveProcess(pid, pidfd: Descriptor(owning: number), boot: boot)
            }
        }
    }

    private func handle(
        _ pid: Int32, _ open: () throws(KernelError) -> LiveProcess
    ) throws(AttachError) -> any ProcessHandle {
        let process: LiveProcess
        do throws(KernelError) { process = try open() } catch {
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
