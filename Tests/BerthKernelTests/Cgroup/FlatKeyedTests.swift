import BerthKernel
import BerthModel
import Testing

@Suite("A flat keyed file")
struct FlatKeyedTests {
    @Test("has numbers by key; what is missing is unknown, not 0")
    func values() throws {
        let lines = try FlatKeyed(parsing: "a 0\nb 18446744073709551615\n")
        #expect(lines["a"] == 0 && lines["b"] == .max && lines["c"] == nil)
        #expect(try lines.required("b") == .max && lines.flag("a") == false)
        #expect(throws: ParseError.self) { try lines.required("c") }
        #expect(throws: ParseError.self) { try lines.flag("b") }
        #expect(try FlatKeyed(parsing: "")["a"] == nil)
    }

    @Test(
        "any line that is no key and number is refused",
        arguments: ["a", "a 1 2", "a x", "a -1", "a 1\na 1", "a  1", "a 1\nb", "a 18446744073709551616", "a 1\r\nb 2"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try FlatKeyed(parsing: text) } }
}
