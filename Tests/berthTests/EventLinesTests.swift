import BerthJSON
import Support
import Testing

@testable import berth

@Suite("The lines of a stream of events")
struct EventLinesTests {
    private static let text = """
        : berth

        id: 7
        event: granted
        data: {"a":1}

        : keep-alive

        retry: 5
        id: 8
        event:ended
        data: {"b":
        data: 2}


        """

    @Test("are events however they are cut", arguments: [1, 2, 5, 1000], ["\n", "\r\n"])
    func cuts(piece: Int, ending: String) throws {
        var lines = EventLines()
        var events: [StreamedEvent] = []
        var rest = Array(
            EventLinesTests.text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: ending).utf8
        )[...]
        while !rest.isEmpty {
            events += try lines.receive(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        #expect(events.map(\.id) == [7, 8] && events.map(\.name) == ["granted", "ended"])
        #expect(events.map(\.data) == [["a": 1], ["b": 2]])
    }

    @Test(
        "are refused without a number and with data that is no JSON",
        arguments: ["data: {}\n\n", "id: x\n", "id: 1\ndata: {\n\n", "id: 1\ndata: 1\ndata: 2\n\n"])
    func refusal(text: String) {
        #expect(throws: CommandFailure.self) {
            var lines = EventLines()
            _ = try lines.receive(Array(text.utf8))
        }
    }

    @Test("have a limit")
    func limit() throws {
        var lines = EventLines()
        let piece = [UInt8](repeating: 0x78, count: EventLines.mostBytes / 2)
        _ = try lines.receive(piece)
        #expect(throws: CommandFailure.self) { for _ in 0..<2 { _ = try lines.receive(piece) } }
    }

    @Test("[fuzz] no bytes trap")
    func fuzz() throws {
        var generator = Fuzz.generator("lines of events")
        for _ in Fuzz.rounds() {
            var bytes = Array(EventLinesTests.text.utf8)
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            var lines = EventLines()
            for event in (try? lines.receive(bytes)) ?? [] {
                #expect(!EventText.line(event).dropLast().utf8.contains(0x0A))
            }
        }
    }
}
