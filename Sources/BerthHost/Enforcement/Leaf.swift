internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The leaf of one reservation: the group that its processes live in.
final class Leaf {
    let group: Group
    /// The pool whose folder it lies in.
    let pool: PoolName
    /// Whether it lies beside the shared part, with CPUs of its own.
    let isExclusive: Bool
    /// The watch on its `cgroup.events`.
    var watch: WatchToken?
    /// The watches on its attached processes.
    var processes: [ProcessIdentity: WatchToken] = [:]
    /// Whether it may have a filter of devices: an earlier agent may have attached one.
    var mayBeFiltered = true
    /// Whether plugins may have narrowed what it may use: an earlier agent may have written that.
    var mayBeNarrowed = true
    /// The files that tell its use, opened at the first question.
    var usageFiles: UsageFiles?
    /// What its reservation had used in leaves that it was moved from.
    var usedBefore = Usage()

    init(_ group: Group, in pool: PoolName = .standard, isExclusive: Bool) {
        self.group = group
        self.pool = pool
        self.isExclusive = isExclusive
    }

    /// The name of a reservation's leaf.
    static func name(of id: ReservationID) -> String { "r-\(id)" }

    /// Where a reservation's leaf lies below the root of the tree.
    /// - Parameter pool: where its pool lies
    static func place(of id: ReservationID, in pool: String, isExclusive: Bool) -> String {
        "\(pool)\(isExclusive ? "" : "/\(PoolGroup.sharedName)")/\(name(of: id))"
    }

    /// The reservation that a group is named after.
    static func id(ofName name: String) -> ReservationID? {
        name.hasPrefix("r-") ? ReservationID(String(name.dropFirst(2))) : nil
    }

    /// Whether the kernel has killed processes in it for their memory.
    var outOfMemory: Bool {
        (try? group.read(MemoryEvents.file, as: MemoryEvents.init(parsing:))).map { $0.oomKill > 0 } ?? false
    }
}

// MARK: - Files

extension Leaf {
    /// Writes what a plan says, where the kernel holds something else, and reads everything back.
    /// - Parameters:
    ///   - isNew: whether nothing was written before, so that there is nothing to compare with
    ///   - write: writes one file; given from outside, for some writes may take long
    /// - Returns: for each part what its files say, by file name
    func apply(
        _ plan: LeafPlan, isNew: Bool, write: (String, String) async throws(KernelError) -> Void
    ) async throws(KernelError) -> [[String: String]] {
        var texts: [[String: String]] = []
        for part in plan.parts {
            var read: [String: String] = [:]
            for knob in part.knobs where !(isNew && knob.isInitial) {
                let text = try await set(knob, isNew: isNew, write: write)
                guard !knob.isInitial, let text else { continue }
                // Of a file with a line a device there may be several.
                read[knob.file] = read[knob.file].map { "\($0)\n\(text)" } ?? text
            }
            for file in part.shown { read[file] = try? group.read(file) }
            // A new leaf has nothing of an earlier grant.
            if !isNew {
                for knob in part.cleared { _ = try await set(knob, isNew: false, write: write) }
            }
            texts.append(read)
        }
        return texts
    }

    /// Sets one knob and returns what of its file is its own; nil where the kernel has no such file and need not.
    func set(
        _ knob: Knob, isNew: Bool, write: (String, String) async throws(KernelError) -> Void
    ) async throws(KernelError) -> String? {
        try await group.set(knob, isNew: isNew, write: write)
    }
}

extension Group {
    /// The ceilings on disks that hold here; none where the kernel has no such file of it.
    func ceilings() throws(KernelError) -> [IOMax] {
        do throws(KernelError) { return try read(IOMax.file, as: IOMax.lines(parsing:)) } catch {
            guard error.saysGone else { throw error }
            return []
        }
    }

    /// Sets one knob and returns what of its file is its own; nil where the kernel has no such file and need not.
    func set(
        _ knob: Knob, isNew: Bool, write: (String, String) async throws(KernelError) -> Void
    ) async throws(KernelError) -> String? {
        if knob.isOptional, !has(knob.file) { return nil }
        if !isNew {
            let text = try read(knob.file)
            if knob.match == .any ? text == knob.value : knob.isHeld(by: text) { return knob.part(of: text) }
        }
        do throws(KernelError) {
            try await write(knob.value, knob.file)
        } catch {
            // What may fail shows in what is read back.
            guard knob.isOptional else { throw error }
        }
        let text = try read(knob.file)
        guard knob.isHeld(by: text) || knob.isOptional else {
            throw KernelError(
                "keep \"\(knob.value)\", in place of which the kernel holds \"\(text)\", in",
                "\(path)/\(knob.file)", code: EIO)
        }
        return knob.part(of: text)
    }
}
