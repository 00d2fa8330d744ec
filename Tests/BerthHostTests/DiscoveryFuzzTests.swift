import BerthJSON
import BerthKernel
import BerthModel
import Foundation
import Support
import Testing

@testable import BerthHost

/// Hosts whose files say anything: what discovery and the doctor read is damaged, file by file.
@Suite("Damaged hosts") struct DiscoveryFuzzTests {
    private static let words = [
        "0", "-1", "4294967296", "9223372036854775807", "18446744073709551615", "99999999999999999999", "max", "\n",
        "\u{0}", ",", "-", ":", "0-8191", "ffffffff,", " ", "\t", "/", "../..", "0::/", "cgroup2", "\\040", "é",
        "kB", "processor\t: ", "Uid:\t", "some avg10=", "enable=1", "%",
    ]

    @Test("[fuzz] never trap, and leave documents that can be read")
    func fuzz() throws {
        var generator = Fuzz.generator("hosts")
        let trees = try DamagedTree.all()
        for round in Fuzz.rounds() {
            guard let tree = trees.randomElement(using: &generator) else { break }
            let root = tree.root
            let kept = try tree.damage(DiscoveryFuzzTests.words, &generator)
            let host = Host.discover(root)
            let mount = host.kernel.cgroupMount
            let process = AgentProcess.read(root, peer: Int32.random(in: 0...2, using: &generator), mount: mount)
            let agent = AgentFacts(socket: "/s", contact: .connected(user: 0), process: process)
            let diagnosis = Diagnosis(host, DoctorFacts.discover(root, host, agent: agent), agent: agent)
            let note = "round \(round) of \(tree.name): \(kept.keys.sorted()), \(generator.note)"
            for document in [host.json, diagnosis.json] {
                #expect((try? JSONValue(parsing: document.description)) == document, "\(note)")
            }
            #expect(host.problems.allSatisfy { !$0.isEmpty }, "\(note)")
            try tree.restore(kept)
        }
        withExtendedLifetime(trees) {}
    }
}

/// A recorded host whose files can be damaged and put back.
private final class DamagedTree {
    let name: String
    let root: Root
    private let recorded: RecordedHost
    /// The files that are read, with no link on the way, each with its content.
    private let files: [String: [UInt8]]
    private let paths: [String]

    init(_ name: String, _ recorded: RecordedHost) throws {
        self.name = name
        self.recorded = recorded
        root = try recorded.root()
        let trace = ReadTrace()
        _ = Host.discover(root, trace: trace)
        let extra = ["proc/self/status", "proc/self/oom_score_adj", "proc/self/cgroup", "proc/self/mountinfo"]
        var files: [String: [UInt8]] = [:]
        for path in trace.files.keys + extra {
            // A link that leads out of the tree must not be written through.
            guard let place = recorded.root(root, path) else { continue }
            files[place] = try root.bytes(place)
        }
        self.files = files
        paths = files.keys.sorted()
    }

    /// This machine, and those of BERTH_HOST_CORPUS that are read quickly.
    static func all() throws -> [DamagedTree] {
        let live = try Root.live()
        let trace = ReadTrace()
        let host = Host.discover(live, trace: trace)
        var trees = [
            try DamagedTree("this machine", RecordedHost(bytes: try HostRecorder.record(host, trace, root: live)))
        ]
        for name in try HostCorpus.names() where !["proc-only-480cpu-48nic", "power7-256cpu-8numa"].contains(name) {
            trees.append(try DamagedTree(name, RecordedHost(archive: HostCorpus.archive(name))))
        }
        return trees
    }

    /// Damages, empties or removes a few files; returns what they held.
    func damage(_ words: [String], _ generator: inout SeededGenerator) throws -> [String: [UInt8]] {
        var kept: [String: [UInt8]] = [:]
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            guard let path = paths.randomElement(using: &generator), let bytes = files[path] else { break }
            kept[path] = bytes
            if Int.random(in: 0..<12, using: &generator) == 0 {
                try? FileManager.default.removeItem(at: place(path))
            } else {
                try Data(generator.damaged(bytes, words: words)).write(to: place(path))
            }
        }
        return kept
    }

    func restore(_ kept: [String: [UInt8]]) throws {
        for (path, bytes) in kept { try Data(bytes).write(to: place(path)) }
    }

    private func place(_ path: String) -> URL { recorded.folder.appending(path: path) }
}

extension RecordedHost {
    /// Where a file of the tree really lies; nil for what is none.
    fileprivate func root(_ root: Root, _ path: String) -> String? {
        guard let place = root.resolved(path), (try? root.kind(place)) == .file else { return nil }
        return place
    }
}
