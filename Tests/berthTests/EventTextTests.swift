import BerthJSON
import Testing

@testable import berth

@Suite("An event, for people") struct EventTextTests {
    @Test("of a process names it", arguments: ["attached", "left", "returned", "exited"])
    func process(name: String) {
        let event = StreamedEvent(id: 7, name: name, data: ["reservation": "00000000000a", "pid": 1234])
        #expect(EventText.line(event) == "7  -  00000000000a  \(name)  process 1234\n")
    }

    @Test("of a promise says for when")
    func promise() {
        let event = StreamedEvent(
            id: 7, name: "queued", data: ["name": "night", "start": "2026-12-01T02:00:00.000Z", "resources": [:]])
        #expect(EventText.line(event) == "7  -  -  queued  \"night\" for 2026-12-01 02:00:00Z\n")
    }

    @Test("of a window says its times and what it covers, with what it runs into")
    func window() {
        let window: JSONValue = [
            "id": "fw", "start": "2026-12-01T02:00:00.000Z", "end": "2026-12-01T06:00:00.000Z", "repeat": "weekly",
            "resources": ["gpu": ["g0", "g1"], "cpu": "all"],
            "conflicts": [
                ["id": "a", "start": "2026-11-30T00:00:00.000Z"],
                ["id": "b", "start": "2026-12-01T01:00:00.000Z", "end": "2026-12-01T03:00:00.000Z"],
            ],
        ]
        let line = EventText.line(StreamedEvent(id: 7, name: "maintenance_added", data: ["window": window]))
        #expect(
            line
                == "7  -  -  maintenance_added  fw from 2026-12-01 02:00:00Z to 2026-12-01 06:00:00Z, and again weekly, "
                + "covers gpu=g0,g1 cpu\n")
        let now = "2026-12-01T00:00:00.000Z"
        #expect(
            MaintenanceText.conflicts(window, now: now) == [
                "a holds something that it covers",
                "b is promised something that it covers from 2026-12-01 01:00:00Z until 2026-12-01 03:00:00Z",
            ])
        #expect(MaintenanceText.conflicts(window, now: now, most: 1).last == "1 more do")
        #expect(MaintenanceText.conflicts(["id": "fw"], now: now).isEmpty)
    }

    @Test("that nobody knows yet is shown with its name")
    func unknown() {
        #expect(EventText.line(StreamedEvent(id: 8, name: "brand_new", data: ["x": 1])) == "8  -  -  brand_new\n")
    }
}
