import BerthKernel
import BerthModel
import Testing

@Suite("pids.max")
struct PidsMaxTests {
    @Test("is read and printed back the same", arguments: [("max", nil), ("0", 0), ("512", 512)] as [(String, Int?)])
    func roundTrip(text: String, limit: Int?) throws {
        let value = try PidsMax(parsing: text + "\n")
        #expect(value == PidsMax(limit: limit) && value.description == text)
    }

    @Test("anything else is refused", arguments: ["", "-1", "+1", "1 2", "none", "99999999999999999999"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try PidsMax(parsing: text) } }
}
