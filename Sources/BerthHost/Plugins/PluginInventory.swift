package import BerthJSON
internal import BerthKernel
package import BerthModel
package import BerthPluginKit
internal import Glibc

/// All plugins of a folder: runs those that are there, follows what comes, changes and goes, and says of each where it
/// stands.
package actor PluginInventory {
    /// Where the inventory finds what it needs, and whom it tells.
    package struct Surroundings: Sendable {
        /// What each plugin's process is shut into, but for its own user and folder.
        package var box: PluginBox
        /// Where plugins have their own folders; nil for none.
        package var stateFolder: String?
        /// The users that plugins run as, one each; nil for whoever runs this.
        package var users: ClosedRange<UInt32>?
        /// What stands in the configuration for each plugin, by name.
        package var configuration: [String: JSONObject]
        /// How validators are asked, by name; these are expected to be there.
        package var validators: [String: ValidatorSettings]
        /// The group that a plugin's process goes into; nil for none.
        package var group: @Sendable (_ name: String) async throws(PluginFault) -> PluginGroup?
        /// What is held of types.
        package var held: @Sendable (Set<ResourceType>) async -> [Allocation]
        /// The validators are other ones.
        package var whenValidators: @Sendable (PluginValidators) -> Void
        /// The types that somebody was told to have units.
        package var offered: @Sendable () async -> Set<ResourceType>
        /// What there is of a type; nil where no plugin provides it any more.
        package var whenOffered: @Sendable (ResourceType, [Capacity.Unit]?) async -> Void
        /// The plugin of a type is down, and why.
        package var whenDown: @Sendable (ResourceType, String) async -> Void
        /// A line for the journal, about a plugin.
        package var tell: @Sendable (_ name: String, _ line: String, _ isTrouble: Bool) -> Void

        package init(
            box: PluginBox, stateFolder: String?, users: ClosedRange<UInt32>?, configuration: [String: JSONObject],
            validators: [String: ValidatorSettings],
            group: @escaping @Sendable (_ name: String) async throws(PluginFault) -> PluginGroup?,
            held: @escaping @Sendable (Set<ResourceType>) async -> [Allocation],
            whenValidators: @escaping @Sendable (PluginValidators) -> Void,
            offered: @escaping @Sendable () async -> Set<ResourceType>,
            whenOffered: @escaping @Sendable (ResourceType, [Capacity.Unit]?) async -> Void,
            whenDown: @escaping @Sendable (ResourceType, String) async -> Void,
            tell: @escaping @Sendable (_ name: String, _ line: String, _ isTrouble: Bool) -> Void
        ) {
            self.box = box
            self.stateFolder = stateFolder
            self.users = users
            self.configuration = configuration
            self.validators = validators
            self.group = group
            self.held = held
            self.whenValidators = whenValidators
            self.offered = offered
            self.whenOffered = whenOffered
            self.whenDown = whenDown
            self.tell = tell
        }
    }

    /// One plugin.
    private struct Entry {
        /// As it lay there when it was looked at; nil where it has to be looked at again, for its configuration is another.
        var stamp: PluginFolder.Stamp?
        /// What it is, as far as its manifest tells.
        var kind: Manifest.Kind?
        /// Why it is not run; nil where it is.
        var refusal: PluginFault?
        var supervisor: PluginSupervisor?
        var group: PluginGroup?
    }

    /// What a plugin's own thread tells, in order.
    private enum News: Sendable {
        case offered(String)
        case changed(String, PluginSupervisor.Status)
    }

    private let folder: PluginFolder
    private var surroundings: Surroundings
    private var entries: [String: Entry] = [:]
    private var isRefreshing = false
    private var mustRefresh = false
    /// When the offers of a plugin may be taken again, in milliseconds of CLOCK_BOOTTIME.
    private var rests: [String: Int64] = [:]
    private let news: AsyncStream<News>
    private let teller: AsyncStream<News>.Continuation

    package init(_ folder: PluginFolder, _ surroundings: Surroundings) {
        self.folder = folder
        self.surroundings = surroundings
        (news, teller) = AsyncStream.makeStream(of: News.self)
    }

    /// Follows what the plugins tell, until ``stop()``.
    package func follow() async {
        for await item in news {
            switch item {
            case .offered(let name): await offered(name)
            case .changed(let name, let status): await changed(name, status)
            }
        }
    }

    /// Ends every plugin, all at once.
    package func stop() async {
        await stop(Array(entries.keys))
        teller.finish()
    }

    private func stop(_ names: [String]) async {
        await withTaskGroup { group in
            for supervisor in names.compactMap({ entries[$0]?.supervisor }) {
                group.addTask { await supervisor.stop() }
            }
        }
    }

    /// The provider of a type; nil where none is run.
    package func provider(of type: ResourceType) -> PluginProvider? {
        for entry in entries.values {
            guard let supervisor = entry.supervisor else { continue }
            if supervisor.file.manifest.types.contains(where: { $0.reserved == type.name }) {
                return PluginProvider(supervisor)
            }
        }
        return nil
    }
}

// MARK: - What lies in the folder

extension PluginInventory {
    /// Looks what lies in the folder, and acts on what is other than before.
    package func refresh() async {
        mustRefresh = true
        guard !isRefreshing else { return }
        isRefreshing = true
        defer { isRefreshing = false }
        while mustRefresh {
            mustRefresh = false
            let found: [String: PluginFolder.Stamp]
            do throws(KernelError) { found = try folder.libraries() } catch {
                surroundings.tell("plugins", "\(error)", true)
                return
            }
            // What is still being written is looked at again when it is closed; the former goes on until then. What was not
            // run may be now, for what was in its way may be gone.
            let new = found.filter { name, stamp in
                let former = entries[name]
                return (former?.stamp != stamp || former?.supervisor == nil) && !folder.isBeingWritten(name, stamp)
            }
            let gone = entries.keys.filter { found[$0] == nil }.sorted()
            let files = new.mapValues { PluginInventory.file($0) }
            let ending = new.keys.filter { goesOn(entries[$0], as: files[$0]) == nil }
            // All at once: one that does not want to end keeps no other from its start for long.
            await stop(gone + ending)
            for name in gone { await remove(name) }
            // What two exchange is nobody's meanwhile.
            let former = entries
            for name in ending { entries[name]?.supervisor = nil }
            for (name, stamp) in new.sorted(by: { $0.key < $1.key }) {
                guard let file = files[name] else { continue }
                await take(name, stamp, file, former[name])
            }
            // Those of a plugin that was taken away while nobody looked.
            let offered = await surroundings.offered()
            for type in offered.subtracting(entries.values.flatMap(types)).sorted() {
                await surroundings.whenOffered(type, nil)
            }
        }
    }

    private func remove(_ name: String) async {
        guard let entry = entries.removeValue(forKey: name) else { return }
        rests[name] = nil
        await entry.supervisor?.stop()
        entry.group?.remove()
        tellValidators()
        surroundings.tell(name, "is gone; what is held of it stays held until it is released", false)
        for type in types(entry) { await surroundings.whenOffered(type, nil) }
    }

    private static func file(_ stamp: PluginFolder.Stamp) -> Result<PluginFile, PluginFault> {
        do throws(PluginFault) { return .success(try PluginFile(stamp.path, trusting: geteuid())) } catch {
            return .failure(error)
        }
    }

    /// The supervisor of a plugin that runs and can go on with its new files; nil where it has to end for them.
    private func goesOn(_ entry: Entry?, as file: Result<PluginFile, PluginFault>?) -> PluginSupervisor? {
        guard let supervisor = entry?.supervisor, case .success(let file)? = file, supervisor.file.canBecome(file)
        else {
            return nil
        }
        return supervisor
    }

    /// Takes a plugin as it lies there now: one that can go on does, in a new process; else the former one has ended, and the
    /// new one is told what is held.
    private func take(
        _ name: String, _ stamp: PluginFolder.Stamp, _ file: Result<PluginFile, PluginFault>, _ former: Entry?
    ) async {
        var entry = Entry(stamp: stamp)
        do throws(PluginFault) {
            let file = try file.get()
            entry.kind = file.manifest.kind
            if let supervisor = goesOn(former, as: .success(file)) {
                (entry.supervisor, entry.group) = (supervisor, former?.group)
                do throws(PluginFault) {
                    try check(file, name)
                    supervisor.use(file, surroundings.configuration[name] ?? [:])
                } catch {
                    // Where only the configuration is another, the one that it was started with still fits its files.
                    guard former?.stamp == nil else {
                        await supervisor.stop()
                        entry.supervisor = nil
                        throw error
                    }
                    surroundings.tell(name, "goes on as it was: \(error)", true)
                }
            } else {
                try check(file, name)
                let group = try await surroundings.group(name)
                entry.group = group
                entry.supervisor = try await supervisor(file, group)
            }
        } catch {
            entry.refusal = error
            entry.kind = entry.kind ?? PluginFile.kind(in: folder.manifest(name)) ?? former?.kind
            if former?.refusal?.description != error.description {
                surroundings.tell(name, "is not run: \(error)", true)
            }
        }
        entries[name] = entry
        tellValidators()
        let gone = former.map { Set(types($0)).subtracting(types(entry)) } ?? []
        for type in gone.sorted() { await surroundings.whenOffered(type, nil) }
    }

    /// Takes this to be the configuration from now on: a plugin whose own part is another is started anew with it, and goes on
    /// as it was where that does not fit.
    package func use(_ configuration: [String: JSONObject], _ validators: [String: ValidatorSettings]) async {
        let former = surroundings.configuration
        (surroundings.configuration, surroundings.validators) = (configuration, validators)
        for name in entries.keys where configuration[name] ?? [:] != former[name] ?? [:] { entries[name]?.stamp = nil }
        tellValidators()
        await refresh()
    }

    /// Tells which validators there are, and which there should be: one that is not run is missed like one that is not there.
    private func tellValidators() {
        var names = Set(surroundings.validators.keys)
        for (name, entry) in entries where entry.kind == .validator { names.insert(name) }
        let validators = names.sorted().map { name in
            PluginValidators.Entry(
                name: name, settings: surroundings.validators[name] ?? ValidatorSettings(),
                supervisor: entries[name]?.supervisor.flatMap { $0.file.manifest.kind == .validator ? $0 : nil })
        }
        surroundings.whenValidators(PluginValidators(validators))
    }

    /// What a plugin must not share with another, and what its configuration must be.
    private func check(_ file: PluginFile, _ name: String) throws(PluginFault) {
        for type in file.manifest.types {
            for (other, entry) in entries.sorted(by: { $0.key < $1.key }) where other != name {
                guard entry.supervisor?.file.manifest.types.contains(where: { $0.reserved == type.reserved }) == true
                else { continue }
                let does = type.extends == nil ? "provides" : "extends"
                throw .refused("it \(does) \(type.reserved), and so does \(other)")
            }
        }
        let configuration = surroundings.configuration[name] ?? [:]
        if let violation = file.manifest.configuration.violations(of: .object(configuration)).first {
            throw .refused(
                "its configuration does not fit: \(violation.pointer) \(violation.message); see plugins.settings.\(name)"
            )
        }
    }

    private func supervisor(
        _ file: PluginFile, _ group: PluginGroup?
    ) async throws(PluginFault) -> PluginSupervisor {
        let name = file.manifest.name
        var box = surroundings.box
        do throws(KernelError) {
            let home = try surroundings.stateFolder.map { folder throws(KernelError) in
                try PluginHome(name, in: folder, users: surroundings.users)
            }
            box.user = home?.user
            if file.manifest.needs.state, let home {
                box.state = home.path
                if let doubt = home.bound() { box.open.append("the size of its state folder: \(doubt)") }
            }
            let types = file.manifest.types
            let held = await surroundings.held(Set(types.compactMap { ResourceType($0.reserved) }))
                .compactMap { allocation in
                    types.first { $0.reserved == allocation.type }.map { allocation.named($0) }
                }
            let teller = teller
            return try PluginSupervisor(
                file, in: box, cgroup: group, configuration: surroundings.configuration[name] ?? [:], held: held,
                listener: PluginSupervisor.Listener(
                    whenOffered: { teller.yield(.offered(name)) },
                    whenChanged: { teller.yield(.changed(name, $0)) }))
        } catch {
            throw .unstartable(error)
        }
    }

    private func types(_ entry: Entry) -> [ResourceType] {
        entry.supervisor?.file.manifest.types.compactMap { ResourceType($0.reserved) } ?? []
    }
}

// MARK: - What the plugins tell

extension PluginInventory {
    /// So many times as long as the agent has worked on the offers of a plugin it takes no other of that plugin.
    private static let rest: Int64 = 10

    private func offered(_ name: String) async {
        if let until = rests[name], SystemClock.uptime < until {
            // What there is then is what it has said last.
            rests[name] = nil
            let teller = teller
            Task {
                try? await Task.sleep(for: .milliseconds(until - SystemClock.uptime))
                teller.yield(.offered(name))
            }
            return
        }
        guard let entry = entries[name], let offers = entry.supervisor?.takeOffers() else { return }
        let began = SystemClock.uptime
        for named in entry.supervisor?.file.manifest.types ?? [] {
            guard let type = ResourceType(named.reserved) else { continue }
            let units = offers.first { $0.type == named.name }?.units ?? []
            await surroundings.whenOffered(type, units.map { Capacity.Unit($0, of: type) })
        }
        rests[name] = SystemClock.uptime + PluginInventory.rest * (SystemClock.uptime - began)
    }

    private func changed(_ name: String, _ status: PluginSupervisor.Status) async {
        guard let entry = entries[name] else { return }
        switch status {
        case .starting, .stopped: break
        case .running(let pid, _, let open):
            let left = open.isEmpty ? "" : "; not taken away from it: \(open.joined(separator: ", "))"
            surroundings.tell(name, "runs as process \(pid)\(left)", false)
        case .down(.unloadable(let reason), _, let next):
            if next == nil { surroundings.tell(name, "is not run: \(reason)", true) }
            for type in types(entry) { await surroundings.whenDown(type, Capacity.Unit.providerDown) }
        case .down(let fault, let failures, let next):
            let what = next == nil ? "it stays down: see `berth plugin reload`" : "it is started again"
            surroundings.tell(name, "has failed (\(failures) in a row): \(fault); \(what)", true)
            for type in types(entry) { await surroundings.whenDown(type, Capacity.Unit.providerDown) }
        }
    }
}

// MARK: - What is shown

extension PluginInventory {
    /// Every plugin, by name.
    package func document() -> JSONValue {
        .array(entries.sorted { $0.key < $1.key }.map { name, entry in .object(document(name, entry)) })
    }

    /// One plugin with what it has written lately; nil where there is none of that name.
    package func document(_ name: String) -> JSONValue? {
        guard let entry = entries[name] else { return nil }
        var object = document(name, entry)
        object["log"] = .array((entry.supervisor?.log ?? []).map { .string($0) })
        return .object(object)
    }

    /// Starts a plugin again, also one that was left down; false where there is none of that name.
    package func reload(_ name: String) async -> Bool {
        guard let entry = entries[name] else { return false }
        guard entry.supervisor == nil else {
            entry.supervisor?.restart()
            return true
        }
        // As if it had just come.
        entries[name] = nil
        await refresh()
        return entries[name] != nil
    }

    /// Has a plugin bring one of its types to so many units; nil where there is no plugin of that name that runs.
    package func scale(
        _ name: String, _ type: String, to target: Int64
    ) async -> Result<Void, PluginSupervisor.CallFailure>? {
        guard let supervisor = entries[name]?.supervisor else { return nil }
        guard let type = ResourceType(type) else {
            return .failure(.failed(Failure("it provides no type \(JSONValue.string(type).excerpt)")))
        }
        do throws(PluginSupervisor.CallFailure) {
            return .success(try await PluginProvider(supervisor).scale(type, to: target))
        } catch {
            return .failure(error)
        }
    }

    /// Has every plugin go into a new group: the former are gone with all that was in them.
    package func regroup() async {
        for name in entries.keys.sorted() {
            guard let supervisor = entries[name]?.supervisor else { continue }
            do throws(PluginFault) {
                let group = try await surroundings.group(name)
                entries[name]?.group = group
                supervisor.use(group)
                supervisor.restart()
            } catch {
                surroundings.tell(name, "has no group: \(error)", true)
            }
        }
    }

    private func document(_ name: String, _ entry: Entry) -> JSONObject {
        var object: JSONObject = ["name": .string(name)]
        guard let supervisor = entry.supervisor else {
            object["state"] = "refused"
            object["reason"] = entry.refusal.map { .string($0.description) }
            return object
        }
        let manifest = supervisor.file.manifest
        object["kind"] = .string(manifest.kind.rawValue)
        object["version"] = .string(manifest.version)
        if !manifest.types.isEmpty { object["types"] = .array(manifest.types.map { .string($0.reserved) }) }
        switch supervisor.status {
        case .starting: object["state"] = "starting"
        case .stopped: object["state"] = "stopped"
        case .running(let pid, let builtWith, let open):
            object["state"] = "running"
            object["pid"] = JSONValue(Int64(pid))
            if !builtWith.isEmpty { object["built_with"] = .string(builtWith) }
            object["open"] = .array(open.map { .string($0) })
        case .down(.unloadable(let reason), _, nil):
            object["state"] = "refused"
            object["reason"] = .string(reason)
        case .down(let fault, let failures, let next):
            object["state"] = next == nil ? "failed" : "down"
            object["reason"] = .string(fault.description)
            object["failures"] = JSONValue(failures)
            object["next_start_in_ms"] = next.map { JSONValue(max(0, $0 - SystemClock.uptime)) }
        }
        object["last_failure"] = supervisor.lastFailure.map { last in
            ["at": .string(Timestamp(milliseconds: last.at).description), "reason": .string(last.fault.description)]
        }
        return object
    }
}
