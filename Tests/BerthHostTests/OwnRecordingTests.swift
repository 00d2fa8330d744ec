import BerthHost
import BerthJSON
import Foundation
import Testing

/// Recordings that `berth host --record` made in guests of several shapes and here: Tests/Recordings.
@Suite("Recordings of our own") struct OwnRecordingTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Recordings")

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".tar.gz") }.map { String($0.dropLast(7)) }.sorted()
    }

    @Test("are read as what was recorded", arguments: try names())
    func facts(name: String) throws {
        let tree = try #require(try HostCorpus.expected(in: Self.folder).at("trees", name))
        let recorded = try RecordedHost(archive: Self.folder.appendingPathComponent("\(name).tar.gz"))
        try HostCorpus.judge(recorded, by: tree, name)
    }

    @Test("hold no serial number, and of MAC addresses zeros alone", arguments: try names())
    func scrubbed(name: String) throws {
        let recorded = try RecordedHost(archive: Self.folder.appendingPathComponent("\(name).tar.gz"))
        for (path, content) in try recorded.files() {
            let text = String(decoding: content, as: UTF8.self)
            for secret in ["52:54:00", "nvme-node1", "nvme-plain", "root=UUID=", "root=/"] {
                #expect(!text.contains(secret), "\(secret) in \(path)")
            }
        }
    }
}
