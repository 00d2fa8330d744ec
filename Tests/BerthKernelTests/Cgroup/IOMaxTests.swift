import BerthKernel
import BerthModel
import Testing

@Suite("io.max")
struct IOMaxTests {
    static let line = "8:0 rbps=max wbps=5242880 riops=max wiops=120"

    @Test("a line is read and printed back the same", arguments: [line, "259:7 rbps=1 wbps=2 riops=3 wiops=4"])
    func roundTrip(text: String) throws { #expect(try IOMax(parsing: text + "\n").description == text) }

    @Test("a rate is itself, none is no ceiling, and the order does not matter")
    func values() throws {
        let value = IOMax(device: Host.DeviceNumber(major: 8, minor: 0), writeBytes: 5_242_880, writeOperations: 120)
        #expect(try IOMax(parsing: IOMaxTests.line) == value && !value.isUnlimited)
        #expect(try IOMax(parsing: "8:0 wiops=120 rbps=max riops=max wbps=5242880") == value)
        #expect(try IOMax(parsing: "8:0 rbps=max wbps=max riops=max wiops=max").isUnlimited)
    }

    @Test("the file is a line a disk, and empty without any")
    func file() throws {
        #expect(try IOMax.lines(parsing: "\n") == [] && IOMax.lines(parsing: "") == [])
        let text = "259:7 rbps=1 wbps=2 riops=3 wiops=4\n\(IOMaxTests.line)\n"
        #expect(try IOMax.lines(parsing: text).map { "\($0)\n" }.joined() == text)
        for bad in ["\(text)\(IOMaxTests.line)\n", "\(text)x\n", "\(IOMaxTests.line)\n\n\(IOMaxTests.line)"] {
            #expect(throws: ParseError.self) { try IOMax.lines(parsing: bad) }
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "8:0", "8:0 rbps=max wbps=1 riops=max", "8:0 rbps=max wbps=1 riops=max wiops=max x=1",
            "8:0 rbps=max wbps=1 riops=max riops=max", "8:0 rbps=max wbps=1 riops=max other=max",
            "8 rbps=max wbps=1 riops=max wiops=max", "8:0 rbps=max wbps=0 riops=max wiops=max",
            "8:0 rbps=max wbps=-1 riops=max wiops=max", "8:0 rbps=max wbps riops=max wiops=max",
            "8:0 rbps=max wbps=99999999999999999999 riops=max wiops=max",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try IOMax(parsing: text) } }
}
