import Logging
import Testing

@testable import berthd

@Suite("Fields of the journal")
struct JournalFieldsTests {
    @Test(
        "a key becomes a name that the journal takes",
        arguments: [
            ("socket", "BERTH_SOCKET"), ("cgroup.root", "BERTH_CGROUP_ROOT"), ("aB-9", "BERTH_AB_9"), ("", "BERTH_"),
            ("é", "BERTH___"), (String(repeating: "x", count: 100), "BERTH_" + String(repeating: "X", count: 58)),
        ])
    func names(key: String, name: String) { #expect(JournalFields.name(of: key) == name) }

    @Test("an entry has its message, priority, identifier and metadata")
    func entry() {
        let entry = JournalFields("serving", level: .notice, metadata: ["socket": "/run/s", "mode": "0660"])
        #expect(
            entry.fields.map { "\($0.name)=\($0.value)" } == [
                "MESSAGE=serving mode=0660 socket=/run/s", "PRIORITY=5", "SYSLOG_IDENTIFIER=berthd",
                "BERTH_MODE=0660", "BERTH_SOCKET=/run/s",
            ])
    }

    @Test(
        "levels are priorities of syslog",
        arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func priorities(level: Logger.Level, priority: Int) { #expect(level.priority == priority) }
}
