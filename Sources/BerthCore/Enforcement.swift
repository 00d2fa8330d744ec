package import BerthModel

/// A leaf that was there when the agent started.
package struct FoundLeaf: Sendable {
    /// The reservation that it is named after.
    package var id: ReservationID
    /// The processes in it.
    package var processes: [Int32]

    package init(id: ReservationID, processes: [Int32]) {
        self.id = id
        self.processes = processes
    }
}

/// What is in a leaf.
package struct LeafState: Hashable, Sendable {
    /// No process is in it, or it is not there.
    package var isEmpty: Bool
    /// The kernel has killed processes in it for their memory.
    package var outOfMemory: Bool

    package init(isEmpty: Bool, outOfMemory: Bool = false) {
        self.isEmpty = isEmpty
        self.outOfMemory = outOfMemory
    }
}

/// What came of the end of a leaf.
package struct EndedLeaf: Hashable, Sendable {
    /// What was used in it; nil where nothing measured it.
    package var usage: Usage?
    /// What keeps the leaf, and with it all that it holds; nil where nothing does.
    package var quarantine: Quarantine?

    package init(usage: Usage? = nil, quarantine: Quarantine? = nil) {
        self.usage = usage
        self.quarantine = quarantine
    }
}

/// Why a leaf that was to end is still there.
package struct Quarantine: Hashable, Sendable {
    /// Processes that could not be killed; none where the kernel does not say which they are.
    package var processes: [Int32]
    /// What was tried last, on what, and what the kernel answered.
    package var reason: String

    package init(processes: [Int32], reason: String) {
        self.processes = processes
        self.reason = reason
    }
}

/// What is used on the host.
package struct HostUse: Hashable, Sendable {
    /// Memory used in all reservations, in bytes.
    package var memory: Quantity?
    /// CPU time used in all reservations, in millicores, since the last look.
    package var cpu: Quantity?
    /// Processes and threads in all reservations.
    package var pids: Quantity?
    /// Memory outside of every reservation that cannot be reclaimed: anonymous, shared, and the kernel's own.
    package var unmanagedMemory: Quantity?

    package init(
        memory: Quantity? = nil, cpu: Quantity? = nil, pids: Quantity? = nil, unmanagedMemory: Quantity? = nil
    ) {
        self.memory = memory
        self.cpu = cpu
        self.pids = pids
        self.unmanagedMemory = unmanagedMemory
    }
}

/// Why the kernel does not hold what it was told to. It holds what it held before.
package enum EnforcementError: Error, Hashable, Sendable {
    /// A write failed or came out different: what was tried, on what, and what the kernel answered; what it holds now.
    case kernel(String, [Receipt])
    /// It would take away what is in use.
    case inUse(ResourceType, used: Quantity, asked: Quantity)

    /// What went wrong, as a sentence.
    package var reason: String {
        switch self {
        case .kernel(let reason, _): reason
        case .inUse(let type, let used, let asked):
            "\(type.measure.text(used)) of \(type) are in use, more than \(type.measure.text(asked))"
        }
    }
}
