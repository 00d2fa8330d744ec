import BerthHost
import BerthJSON
import BerthKernel
import BerthModel
import Foundation
import Testing

/// Recorded trees of real machines, and what other projects state of them. The folder is named by BERTH_HOST_CORPUS.
@Suite("The corpus of recorded hosts", .enabled(if: HostCorpus.folder != nil, "BERTH_HOST_CORPUS names no folder"))
struct HostCorpusTests {
    @Test("has facts, and every tree agrees with all of them", arguments: try HostCorpus.names())
    func facts(name: String) throws {
        let tree = try #require(try HostCorpus.expected().at("trees", name))
        try HostCorpus.judge(RecordedHost(archive: HostCorpus.archive(name)), by: tree, name)
    }

    @Test("a recording of a recorded host finds the same host again", arguments: try HostCorpus.names())
    func recordedAgain(name: String) throws {
        let recorded = try RecordedHost(archive: HostCorpus.archive(name))
        let root = try recorded.root()
        let trace = ReadTrace()
        var host = Host.discover(root, trace: trace)
        let again = try RecordedHost(bytes: try HostRecorder.record(host, trace, root: root))
        var second = Host.discover(try again.root())
        withExtendedLifetime((recorded, again)) {}
        // Problems name the folder, and identities are stand-ins.
        host.problems = []
        second.problems = []
        #expect(host.json.withoutIdentities == second.json.withoutIdentities)
    }
}

/// Where the corpus lies and how its facts are found in the document.
enum HostCorpus {
    static var folder: URL? {
        ProcessInfo.processInfo.environment["BERTH_HOST_CORPUS"].map { URL(fileURLWithPath: $0) }
    }

    /// Compares what discovery finds in a recording with what is stated of it.
    static func judge(_ recorded: RecordedHost, by tree: JSONValue, _ name: String) throws {
        defer { withExtendedLifetime(recorded) {} }
        let host = Host.discover(try recorded.root())
        let document = try JSONValue(parsing: host.json.description)
        for (key, fact) in try members(tree.at("facts")) {
            let found = HostCorpus.fact(key, in: document, like: fact.at("value") ?? .null)
            #expect(HostCorpus.agrees(found, fact), "\(name): \(key) is \(found), not \(fact.at("value") ?? .null)")
        }
        guard tree.at("numa") != nil else { return }
        for (id, facts) in try members(tree.at("numa")) {
            let node = document.at("numa")?.elements.first { $0.at("id")?.integer == Int(id) }
            for (key, fact) in try members(facts) {
                let found = node?.at(key) ?? .null
                #expect(HostCorpus.agrees(found, fact), "\(name): node \(id): \(key) is \(found)")
            }
        }
    }

    static func expected(in folder: URL? = HostCorpus.folder) throws -> JSONValue {
        guard let folder else { return .object([:]) }
        let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent("expected.json")))
        return try JSONValue(parsing: bytes, limits: JSONLimits(maxBytes: 16 << 20))
    }

    static func names() throws -> [String] {
        try members(try expected().at("trees")).map(\.key)
    }

    static func archive(_ name: String) -> URL {
        (folder ?? URL(fileURLWithPath: "/")).appendingPathComponent("\(name).tar.gz")
    }

    /// Whether a value is the stated one, or another that the fact accepts.
    static func agrees(_ found: JSONValue, _ fact: JSONValue) -> Bool {
        found == fact.at("value") || (fact.at("accept")?.elements.contains(found) ?? false)
    }

    /// What the document says of a fact; lists without an order in the order of the stated value.
    static func fact(_ key: String, in document: JSONValue, like stated: JSONValue) -> JSONValue {
        func all(_ list: String, _ member: String) -> JSONValue {
            let values = (document.at(list)?.elements ?? []).compactMap { $0.at(member) }
            return .array(values).ordered(like: stated)
        }
        let value: JSONValue? =
            switch key {
            case "cpus_online": document.at("cpu", "online")
            case "cpus_online_list": document.at("cpu", "online_list")
            case "cpus_present": document.at("cpu", "present")
            case "cpus_allowed_list": document.at("cpu", "allowed_list")
            case "cpus_isolated_list": document.at("cpu", "isolated_list")
            case "cpu_kinds": .array((document.at("cpu", "kinds")?.elements ?? []).compactMap { $0.at("cpus") })
            case "packages", "cores", "dies", "l2_caches", "l3_caches": document.at("cpu", key)
            case "numa_nodes": .number(JSONNumber(document.at("numa")?.elements.count ?? 0))
            case "numa_ids": nodes(document) { _ in true }
            case "numa_cpu_less": nodes(document) { $0.at("cpulist")?.text == "" }
            case "numa_gpu_nodes": nodes(document) { $0.at("memory_of")?.text == "gpu" }
            case "cpus_performance_list": kind("performance", document)
            case "cpus_efficient_list": kind("efficient", document)
            case "numa_allowed_list": document.at("memory", "allowed_nodes")
            case "memory_bytes": document.at("memory", "total_bytes")
            case "hugepages": document.at("memory", "hugepages")
            case "gpus": .number(JSONNumber(document.at("gpus")?.elements.count ?? 0))
            case "gpu_pci": all("gpus", "pci")
            case "gpu_render_minors": all("gpus", "render_minor")
            case "gpu_vendor": document.at("gpus")?.elements.first?.at("vendor")
            case "gpu_vram_bytes": vram(document, like: stated)
            case "disks": sizes(document, like: stated)
            case "nics": all("nics", "name")
            default: nil
            }
        return value ?? .null
    }

    private static func nodes(_ document: JSONValue, where isWanted: (JSONValue) -> Bool) -> JSONValue {
        let ids = (document.at("numa")?.elements ?? []).filter(isWanted).compactMap { $0.at("id")?.integer }
        return .string(CPUSet(ids).description)
    }

    private static func kind(_ name: String, _ document: JSONValue) -> JSONValue? {
        document.at("cpu", "kinds")?.elements.first { $0.at("name")?.text == name }?.at("cpus")
    }

    /// Sizes by name, those that are stated in the order of the statement.
    private static func sizes(_ document: JSONValue, like stated: JSONValue) -> JSONValue {
        guard case .object(let wanted) = stated else { return .null }
        let disks = document.at("disks")?.elements ?? []
        var object = JSONObject()
        for name in wanted.map(\.key) + disks.compactMap({ $0.at("name")?.text }) {
            object[name] = disks.first { $0.at("name")?.text == name }?.at("size_bytes")
        }
        return .object(object)
    }

    /// By card or by render node, whichever the statement goes by.
    private static func vram(_ document: JSONValue, like stated: JSONValue) -> JSONValue {
        guard case .object(let wanted) = stated else { return .null }
        var object = JSONObject()
        for (name, _) in wanted {
            let gpu = document.at("gpus")?.elements.first { gpu in
                gpu.at("card")?.text == name || gpu.at("render_minor")?.integer.map { "renderD\($0)" } == name
            }
            object[name] = gpu?.at("vram_bytes")
        }
        return .object(object)
    }
}

/// The members of an object; none for anything else.
private func members(_ value: JSONValue?) throws -> [(key: String, value: JSONValue)] {
    guard case .object(let object)? = value else { return [] }
    return object.map { ($0.key, $0.value) }
}

extension JSONValue {
    /// The same elements in the order in which another list has them, others behind.
    fileprivate func ordered(like other: JSONValue) -> JSONValue {
        let order = other.elements
        return .array(
            elements.sorted {
                (order.firstIndex(of: $0) ?? order.count) < (order.firstIndex(of: $1) ?? order.count)
            })
    }

    /// The document without what a recording leaves out or replaces.
    var withoutIdentities: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutIdentities))
        case .object(let object):
            .object(
                JSONObject(
                    object.filter { !["uuid", "map_name", "source"].contains($0.key) }
                        .map { ($0.key, $0.value.withoutIdentities) }))
        default: self
        }
    }
}
