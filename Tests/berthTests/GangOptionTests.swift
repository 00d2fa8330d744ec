import BerthJSON
import Testing

@testable import berth

@Suite("--gang") struct GangOptionTests {
    @Test(
        "is a name and a size",
        arguments: [("train:4", "train", 4), ("a:b:64", "a:b", 64)] as [(String, String, Int64)])
    func read(text: String, id: String, size: Int64) throws {
        let gang = try GangOption(text).gang
        #expect(gang["id"] == .string(id) && gang["size"] == JSONValue(size))
    }

    @Test("is refused where it is not", arguments: ["train", "train:", ":4", "train:x", ""])
    func refusal(text: String) { #expect(throws: CommandFailure.self) { try GangOption(text) } }
}
