import Testing

@testable import BerthHost

@Suite("What a plugin writes") struct PluginOutputTests {
    @Test("comes as lines, however it arrives")
    func lines() {
        for length in 1...12 {
            var (output, lines) = (PluginOutput(), [String]())
            let bytes = Array("one\n\ntwo\nend".utf8)
            for start in stride(from: 0, to: bytes.count, by: length) {
                lines += output.take(bytes[start..<min(start + length, bytes.count)])
            }
            #expect(lines == ["one", "", "two"])
            #expect(output.rest() == "end")
            #expect(output.rest() == nil)
        }
    }

    @Test("is cut where a line has no end")
    func endless() {
        var output = PluginOutput()
        #expect(output.take(repeatElement(UInt8(ascii: "a"), count: 1_000_000)).isEmpty)
        #expect(output.take([UInt8(ascii: "\n")]) == [String(repeating: "a", count: PluginOutput.longest) + "…"])
        #expect(output.take(Array("b\n".utf8)) == ["b"])
    }
}
