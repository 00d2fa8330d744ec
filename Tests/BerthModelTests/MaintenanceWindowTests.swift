import BerthJSON
import BerthModel
import Testing

@Suite("A maintenance window") struct MaintenanceWindowTests {
    private func read(_ text: String) throws -> MaintenanceWindow {
        try MaintenanceWindow.reader.read(try JSONValue(parsing: text))
    }

    @Test(
        "is read as people write it, and again as it is shown",
        arguments: [
            #"{"id": "a", "start": "2026-12-01T02:00:00Z", "end": "2026-12-01T04:00:00+01:00"}"#,
            #"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": "4h", "reason": "new firmware"}"#,
            #"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": 60, "repeat": "weekly", "resources": "all"}"#,
            #"""
            {"id": "a.B_1-", "start": "1970-01-01T00:00:00Z", "end": "9999-12-31T23:59:59.999Z",
            "resources": {"cpu": "all", "gpu": ["0000:65:00.0", "b"], "acme.example/seat": ["1"]}}
            """#,
        ])
    func roundTrip(text: String) throws {
        let window = try read(text)
        #expect(try MaintenanceWindow.reader.read(.object(window.json)) == window)
    }

    @Test(
        "is refused with its place where it makes no sense",
        arguments: [
            (#"{"start": "2026-12-01T02:00:00Z", "duration": 60}"#, "/id"),
            (#"{"id": "a/b", "start": "2026-12-01T02:00:00Z", "duration": 60}"#, "/id"),
            (#"{"id": "a", "start": "2026-12-01T02:00:00Z"}"#, "/end"),
            (#"{"id": "a", "start": "2026-12-01T02:00:00Z", "end": "2026-12-01T02:00:00Z"}"#, "/end"),
            (#"{"id": "a", "start": "9999-12-31T00:00:00Z", "duration": "1d"}"#, "/end"),
            (#"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": "7d", "repeat": "weekly"}"#, "/repeat"),
            (#"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": 60, "resources": {}}"#, "/resources"),
            (
                #"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": 60, "resources": {"cpu": ["0"]}}"#,
                "/resources/cpu"
            ),
            (
                #"{"id": "a", "start": "2026-12-01T02:00:00Z", "duration": 60, "resources": {"x": "all"}}"#,
                "/resources/x"
            ),
        ])
    func refusal(text: String, pointer: String) {
        let error = #expect(throws: JSONFieldError.self) { try read(text) }
        #expect(error?.pointer.description == pointer)
    }

    @Test(
        "says what is wrong with it, and what would do",
        arguments: [
            (#""duration": 60, "resources": {"cpu": ["core0"]}"#, "is covered only whole", #"{"cpu": "all"}"#),
            (#""duration": 60, "resources": {"gpu": []}"#, "is an empty list", #""all", or a list of units"#),
            (#""duration": 60, "resources": {"gpu": "x"}"#, #"is "x", not "all" or a list of units"#, nil),
            (
                #""duration": 60, "resources": {"gpus": "all"}"#, "is no resource type",
                "cpu, memory, pids, storage, network, gpu, or one that a plugin provides"
            ),
            (#""reason": "x""#, #""end" is missing"#, #"an "end", or a "duration" such as "2h""#),
            (#""duration": 60, "end": "2026-12-01T03:00:00Z""#, "goes alone", #""duration": "2h""#),
        ] as [(String, String, String?)])
    func words(members: String, complaint: String, expected: String?) {
        let error = #expect(throws: JSONFieldError.self) {
            try read(#"{"id": "a", "start": "2026-12-01T02:00:00Z", \#(members)}"#)
        }
        #expect(error?.description.contains(complaint) == true && error?.expected == expected)
    }

    @Test("of a partition covers its disk, and of a unit its parts")
    func parts() throws {
        var covers = Withheld()
        covers.units = [.storage: ["sda1"], .gpu: ["g"]]
        #expect(covers.covers(Capacity.Disk(name: "sda", partitions: ["sda1"])))
        #expect(!covers.covers(Capacity.Disk(name: "sdb", partitions: ["sdb1"])))
        #expect(covers.covers(Capacity.Unit(name: "g/1", capacity: nil, parent: "g"), of: .gpu))
        #expect(!covers.covers(Capacity.Unit(name: "h/1", capacity: nil, parent: "h"), of: .gpu))
    }
}
