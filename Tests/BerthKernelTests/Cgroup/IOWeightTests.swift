import BerthKernel
import BerthModel
import Testing

@Suite("io.weight")
struct IOWeightTests {
    private let disk = Host.DeviceNumber(major: 8, minor: 0)

    @Test("a line is read and printed back the same", arguments: ["8:0 1", "259:7 10000", "8:0 default"])
    func roundTrip(text: String) throws { #expect(try IOWeight(parsing: text + "\n").description == text) }

    @Test("is a number, or the group's own")
    func values() throws {
        #expect(try IOWeight(parsing: "8:0 500") == IOWeight(device: disk, value: 500))
        #expect(try IOWeight(parsing: "8:0 default") == IOWeight(device: disk, value: nil))
    }

    @Test("the file begins with the group's own weight, and has a line a disk with another")
    func file() throws {
        #expect(try IOWeight.lines(parsing: "default 100\n") == [] && IOWeight.lines(parsing: "") == [])
        let lines = try IOWeight.lines(parsing: "default 100\n259:7 1\n8:0 500\n")
        #expect(lines.map(\.description) == ["259:7 1", "8:0 500"])
        for bad in ["default 100\n8:0 5\n8:0 6\n", "default 100\nx\n", "8:0 5\ndefault 100\n", "default 100\n\n8:0 5"] {
            #expect(throws: ParseError.self) { try IOWeight.lines(parsing: bad) }
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "8:0", "500", "8:0 0", "8:0 10001", "8:0 -1", "8:0 500 1", "8:0  500", "8 500", "8:0 max",
            "8:0 99999999999999999999",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try IOWeight(parsing: text) } }
}
