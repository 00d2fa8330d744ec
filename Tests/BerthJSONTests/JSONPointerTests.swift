import BerthJSON
import Testing

@Suite("A JSON pointer") struct JSONPointerTests {
    @Test(
        "is read and printed back the same",
        arguments: [
            ("", []), ("/", [""]), ("/a", ["a"]), ("/a/", ["a", ""]), ("//", ["", ""]), ("/a~1b/~0", ["a/b", "~"]),
            ("/~01", ["~1"]), ("/0/-1", ["0", "-1"]), ("/é/\u{0}", ["é", "\u{0}"]), ("/\u{308}", ["\u{308}"]),
        ] as [(String, [String])])
    func roundTrip(text: String, tokens: [String]) throws {
        let pointer = try JSONPointer(parsing: text)
        #expect(pointer.tokens == tokens)
        #expect(pointer.description == text)
        #expect(pointer == JSONPointer(tokens))
    }

    @Test(
        "anything else is refused, with the place",
        arguments: [("a", 0), ("a/b", 0), ("#/a", 0), ("/~", 2), ("/a~2", 3), ("/a/~~0", 4)])
    func refusal(text: String, offset: Int) {
        let error = #expect(throws: JSONParseError.self) { try JSONPointer(parsing: text) }
        #expect(error?.offset == offset)
    }

    @Test("grows by names and indices")
    func appending() {
        let pointer = JSONPointer.root.appending("resources").appending("a/b").appending(3)
        #expect(pointer.description == "/resources/a~1b/3")
        #expect(JSONPointer(["x"]).below(pointer).description == "/resources/a~1b/3/x")
    }

    /// The document and the pointers of RFC 6901, section 5.
    @Test(
        "finds what RFC 6901 says it finds",
        arguments: [
            ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3), ("/g|h", 4),
            ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, JSONValue)])
    func evaluation(text: String, value: JSONValue) throws {
        let document = try JSONValue(
            parsing: #"""
                {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7,
                "m~n": 8}
                """#)
        #expect(document[try JSONPointer(parsing: text)] == value)
        #expect(document[.root] == document)
    }

    @Test(
        "finds nothing where nothing is",
        arguments: ["/b", "/a/2", "/a/-1", "/a/+1", "/a/01", "/a/-", "/a/", "/a/99999999999999999999", "/a/0/x"])
    func nothing(text: String) throws {
        let document: JSONValue = ["a": [1, 2]]
        #expect(document[try JSONPointer(parsing: text)] == nil)
    }

    @Test("stands in a message as far as it is short: up to the last name that is")
    func excerpt() {
        let long = String(repeating: "/", count: 256)
        #expect(JSONPointer(["a", "b~"]).excerpt == "/a/b~0")
        #expect(JSONPointer([long]).excerpt == "")
        #expect(JSONPointer(["a", "b", long, "c"]).excerpt == "/a/b")
        #expect(JSONPointer(["a", String(repeating: "b", count: 509)]).excerpt.utf8.count == 512)
        #expect(JSONPointer(["a", String(repeating: "b", count: 510)]).excerpt == "/a")
        #expect(JSONPointer([]).excerpt == "")
    }
}
