import BerthJSON
import Testing

@testable import berth

@Suite("Tables and pages")
struct ReservationTextTests {
    @Test("align: words begin and numbers end under one another")
    func table() {
        var table = Table(["NAME", "N"], right: [1])
        table.add(["a", "10"])
        table.add(["long name", "5"])
        #expect(table.text == "NAME        N\na          10\nlong name   5\n")
    }

    @Test("cannot steer the terminal")
    func hostile() {
        let document: JSONValue = [
            "id": "\u{1B}[2J", "name": "a\nb", "user": 5, "state": "\u{7}", "labels": ["\u{1B}": "\r"],
            "env": ["A": "\u{9B}"],
            "resources": ["\u{1B}": ["amount": 1]], "receipts": [["type": "\u{1B}", "reason": "\u{1B}"]],
        ]
        let text = ReservationText.page(document) + ReservationText.table([document]) + ReservationText.holds(document)
        #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        #expect(ReservationText.table([document]).split(separator: "\n").count == 2)
    }

    @Test("name the processes that are outside of what is held, and no others")
    func outside() {
        let lines = ReservationText.page(["processes": [7, 8], "left": [8]]).split(separator: "\n")
        #expect(lines.contains { $0.contains("Processes") && $0.hasSuffix(" 7 8") })
        #expect(lines.contains { $0.contains("Outside") && $0.hasSuffix(" 8, not held") })
        #expect(!ReservationText.page(["processes": [7, 8]]).contains("Outside"))
    }

    @Test("show a start where somebody has one")
    func start() {
        let promised: JSONValue = [
            "id": "a", "start": "2026-12-01T02:00:00.000Z", "waits_until": "2026-12-01T03:00:00.000Z",
        ]
        let lines = ReservationText.table([promised, ["id": "b"]]).split(separator: "\n")
        #expect(lines[0].contains("CREATED  START") && lines[0].hasSuffix("EXPIRES"))
        #expect(lines[1].contains("2026-12-01 02:00:00Z  2026-12-01 03:00:00Z") && lines[2].hasSuffix("-"))
        #expect(!ReservationText.table([["id": "b"]]).contains("START"))
    }

    @Test("show where those who wait stand, and why, where there are any")
    func queue() throws {
        let waiting: JSONValue = [
            "id": "a", "waits_until": "2026-12-01T03:00:00.000Z",
            "queue": [
                "position": 2, "expected_start": "2026-12-01T02:00:00.000Z",
                "violations": [["code": "insufficient", "message": "cpu: 8 asked, 2 of 8 free"]],
            ],
        ]
        let lines = ReservationText.table([waiting, ["id": "b"]]).split(separator: "\n")
        #expect(lines[0].hasSuffix("EXPIRES               QUEUE"))
        #expect(lines[1].hasSuffix("  number 2, expected 2026-12-01 02:00:00Z, cpu: 8 asked, 2 of 8 free"))
        #expect(lines[2].hasSuffix("-"))
        #expect(!ReservationText.table([["id": "b"]]).contains("QUEUE"))
    }

    @Test("say of a promise when it begins, with what, and once it is due why it has not")
    func promise() throws {
        let text = #"""
            {"start": "2026-12-01T02:00:00.000Z", "promised": {"cpu": {"amount": 8, "asked": 12},
            "gpu": {"amount": 2, "units": {"g1": 1, "g2": 1}}},
            "resources": {"cpu": {"amount": 12, "minimum": 2}, "gpu": {"amount": 2}}, "queue": {"position": 1, "expected_start": "2026-12-01T02:00:00.000Z",
            "shortfalls": []}}
            """#
        let ahead = ReservationText.page(try JSONValue(parsing: text))
        #expect(ahead.contains("2026-12-01 02:00:00Z, promised, number 1 of those\n") && !ahead.contains("Queue"))
        let lines = ahead.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("Asks for") && $0.hasSuffix(" cpu 12, at least 2") })
        #expect(lines.contains { $0.hasPrefix("Promised") && $0.hasSuffix(" cpu 8, asked: 12") })
        #expect(lines.last?.hasSuffix(" gpu 2, g1 g2") == true)
        #expect(ReservationText.table([try JSONValue(parsing: text)]).contains(" 8 "))
        let due = ReservationText.page([
            "start": "2026-12-01T02:00:00.000Z",
            "queue": ["position": 1, "shortfalls": [], "violations": [["message": "gpu: 2 asked"]]],
        ])
        #expect(due.contains("number 1, nobody knows when, gpu: 2 asked") && !due.contains("promised"))
        let busy = ReservationText.page(["start": "2026-12-01T02:00:00.000Z", "queue": ["position": 1]])
        #expect(busy.contains("number 1, nobody knows when, what it was promised is not free yet\n"))
        let later = ReservationText.page([
            "start": "2026-12-01T02:00:00.000Z",
            "queue": [
                "position": 1, "expected_start": "2026-12-01T03:00:00.000Z",
                "violations": [["message": "the maintenance fw"]],
            ],
        ])
        #expect(later.contains("promised, number 1 of those, expected 2026-12-01 03:00:00Z, the maintenance fw\n"))
    }

    @Test("say what one asked for that never held it")
    func never() {
        let cpu: JSONValue = ["cpu": ["amount": 8]]
        for (document, word) in [
            (["resources": cpu, "granted_at": "T"], "Holds"), (["resources": cpu], "Asked for"),
            (["resources": cpu, "queue": [:]], "Asks for"),
        ] as [(JSONValue, String)] {
            #expect(ReservationText.page(document).split(separator: "\n").contains { $0.hasPrefix("\(word) ") })
        }
    }

    @Test("say which maintenance a type is in, and which is next")
    func maintenance() {
        func line(_ isOn: Bool) -> String {
            StatusText.resources([
                [
                    "type": "memory", "capacity": 8, "held": 0, "free": 0,
                    "maintenance": [
                        "id": "fw", "start": "2026-12-01T02:00:00.000Z", "end": "2026-12-01T03:00:00.000Z",
                        "on": .bool(isOn),
                    ],
                ]
            ])
        }
        #expect(line(true).hasSuffix("maintenance fw until 2026-12-01 03:00:00Z\n"))
        #expect(line(false).hasSuffix("maintenance fw from 2026-12-01 02:00:00Z\n"))
    }

    @Test(
        "take any document",
        arguments: [nil, 1, "x", [], [:], ["resources": [1, 2]], ["resources": ["cpu": 1, "storage": [1]]]]
            as [JSONValue])
    func strange(document: JSONValue) {
        _ = ReservationText.page(document)
        _ = ReservationText.table([document])
        _ = StatusText.resources([document]) + StatusText.units([document]) + StatusText.agent(document, at: "x")
    }

    @Test(
        "show quantities as people read them",
        arguments: [
            ("cpu", .number(JSONNumber(1500, decimals: 3)), "1.5"), ("memory", 4_294_967_296, "4GiB"),
            ("memory", 25_276_510_208, "23.5 GiB"), ("memory", 0, "0"),
            ("pids", 32768, "32768"), ("network", 100_000_000, "100Mbit"), ("acme.example/seat", 3, "3"),
            ("cpu", nil, "-"),
            ("cpu", "x", "\"x\""), ("cpu", "1.5", "1.5"),
        ] as [(String, JSONValue, String)])
    func quantity(type: String, value: JSONValue, text: String) { #expect(QuantityCell.text(value, of: type) == text) }

    @Test("show a disk with its rates and its weight")
    func storage() {
        let disks: JSONValue = [["device": "a", "read": 1_048_576, "weight": 500], ["device": "b", "weight": 1]]
        #expect(
            ReservationText.holds(["resources": ["storage": disks]])
                == "  storage a, at most read 1MiB/s, weight 500\n  storage b, weight 1\n")
    }

    @Test(
        "show times to the second",
        arguments: [("2026-11-23T23:57:43.546Z", "2026-11-23 23:57:43Z"), ("x", "x"), ("", "")])
    func time(text: String, shown: String) { #expect(ReservationText.time(text) == shown) }
}
