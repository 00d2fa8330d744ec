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
