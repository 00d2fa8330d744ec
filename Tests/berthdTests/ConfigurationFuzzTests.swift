import Foundation
import Support
import Testing

@testable import berthd

/// Configurations that say anything.
@Suite("Damaged configurations") struct ConfigurationFuzzTests {
    private static let texts = [
        "system_reserved:\n  cpu: 0.5\n  memory: 1GiB\n", "disks:\n  vda: {read: 100MiB, write_iops: 1k}\n",
        "roles:\n  admin: {users: [root, 0]}\n  submit:\n    groups: [berth]\n  others: observe\n",
        "caps:\n  reservations: 10\n  lease: 24h\n  connections: 64\n  resources: {cpu: 4, memory: 4GiB}\n", "",
    ]
    private static let words = [
        ":", "- ", "\n", "  ", "\t", "{", "}", "[", "]", "&a ", "*a", "!!str ", "!!binary ", "---\n", "...\n", "? ",
        "|\n", ">",
        "\"", "'", "\\x", "#", "%YAML 9.9\n", "~", "null", "true", "0x1", "1e99", ".inf", "-1", "<<: ", "\u{0}",
        "\u{FEFF}", "é",
    ]

    @Test("[fuzz] are refused with the file's name, or taken")
    func fuzz() throws {
        var generator = Fuzz.generator("configurations")
        let file = NSTemporaryDirectory() + "berth-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        var (taken, refused) = (0, 0)
        for round in Fuzz.rounds() {
            let text = ConfigurationFuzzTests.texts.randomElement(using: &generator) ?? ""
            let bytes = generator.damaged(Array(text.utf8), words: ConfigurationFuzzTests.words)
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            do throws(ConfigurationError) {
                _ = try Configuration(file: file)
                taken += 1
            } catch {
                refused += 1
                #expect(error.file == file && !error.reason.isEmpty, "round \(round), \(bytes), \(generator.note)")
            }
        }
        #expect(taken > 5 && refused > 5, "both should happen: \(taken) and \(refused), \(generator.note)")
    }
}
