package import BerthJSON

/// One thing that the doctor looked at: what it is like, what follows from that, and what mends it.
package struct Finding: Hashable, Sendable {
    /// What was looked at, a word that stays the same; programs decide by it.
    package let code: Code
    /// How bad it is.
    package let level: Level
    /// What was found, as a sentence without a full stop.
    package let found: String
    /// The file, mount option or call that shows it; nil where nothing single does.
    package let shownBy: String?
    /// What follows from it for reservations; nil where all is well.
    package let consequence: String?
    /// What mends it, line by line: commands to type, and what to do where no command does; empty where nothing need be.
    package let mend: [String]

    /// - Parameters:
    ///   - level: how bad it is
    ///   - code: what was looked at
    ///   - found: what was found, as a sentence
    ///   - shownBy: the file, mount option or call that shows it
    ///   - consequence: what follows from it
    ///   - mend: what mends it
    package init(
        _ level: Level, _ code: Code, _ found: String, shownBy: String? = nil, consequence: String? = nil,
        mend: [String] = []
    ) {
        self.code = code
        self.level = level
        self.found = found
        self.shownBy = shownBy
        self.consequence = consequence
        self.mend = mend
    }
}

extension Finding {
    /// How bad a finding is.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// As it should be.
        case ok
        /// Something that a person should know: a promise is weaker than it could be, or costs something.
        case note
        /// A limit that is asked for cannot be held, or nothing can be reserved.
        case problem
    }

    /// What findings are about, in the order in which they are told.
    package enum Area: String, Hashable, Sendable, CaseIterable {
        case cgroups, surroundings, kernel, memory, storage, agent
    }

    /// What was looked at.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case cgroupVersion = "cgroup_version"
        case cgroupWritable = "cgroup_writable"
        case controllerCPU = "controller_cpu"
        case controllerCPUSet = "controller_cpuset"
        case controllerMemory = "controller_memory"
        case controllerIO = "controller_io"
        case controllerPids = "controller_pids"
        case favorDynamicModification = "favordynmods"
        case user
        case container
        case cgroupNamespace = "cgroup_namespace"
        case systemd
        case unreadable
        case pidfd
        case peerPidfd = "peer_pidfd"
        case cgroupKill = "cgroup_kill"
        case cgroupFreeze = "cgroup_freeze"
        case exclusiveCPUs = "exclusive_cpus"
        case pressure = "psi"
        case recursiveProtection = "memory_recursiveprot"
        case memoryReclaim = "memory_reclaim"
        case memoryPeak = "memory_peak"
        case swapLimit = "swap_limit"
        case lruGen = "lru_gen"
        case oomExemption = "oom_exemption"
        case ioWeight = "io_weight"
        case cgroupWriteback = "cgroup_writeback"
        case agentSocket = "agent_socket"
        case agentHealth = "agent_health"
        case agentLedger = "agent_ledger"
        case agentCapabilities = "agent_capabilities"
        case agentReceipts = "agent_receipts"

        /// What it belongs to.
        package var area: Area {
            switch self {
            case .cgroupVersion, .cgroupWritable, .controllerCPU, .controllerCPUSet, .controllerMemory, .controllerIO,
                .controllerPids, .favorDynamicModification:
                .cgroups
            case .user, .container, .cgroupNamespace, .systemd, .unreadable: .surroundings
            case .pidfd, .peerPidfd, .cgroupKill, .cgroupFreeze, .exclusiveCPUs, .pressure: .kernel
            case .recursiveProtection, .memoryReclaim, .memoryPeak, .swapLimit, .lruGen, .oomExemption: .memory
            case .ioWeight, .cgroupWriteback: .storage
            case .agentSocket, .agentHealth, .agentLedger, .agentCapabilities, .agentReceipts: .agent
            }
        }
    }

    /// The finding in the doctor's document; what there is not has no key.
    package var json: JSONValue {
        var json = JSONObject()
        json.append(.string(code.area.rawValue), for: "area")
        json.append(.string(code.rawValue), for: "code")
        json.append(.string(level.rawValue), for: "level")
        json.append(.string(found), for: "found")
        if let shownBy { json.append(.string(shownBy), for: "shown_by") }
        if let consequence { json.append(.string(consequence), for: "consequence") }
        if !mend.isEmpty { json.append(.array(mend.map { .string($0) }), for: "mend") }
        return .object(json)
    }
}
