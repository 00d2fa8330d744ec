import BerthJSON
import Testing

@Suite("Setting a value at a place") struct JSONSettingTests {
    private static let text = #"{"a": {"b": [1, {"c": 2}]}, "d": 3}"#

    @Test(
        "puts it there, in place of another or beside it",
        arguments: [
            ("", "0"), ("/d", #"{"a":{"b":[1,{"c":2}]},"d":0}"#), ("/e", #"{"a":{"b":[1,{"c":2}]},"d":3,"e":0}"#),
            ("/a/b/1/c", #"{"a":{"b":[1,{"c":0}]},"d":3}"#), ("/a/b/0", #"{"a":{"b":[0,{"c":2}]},"d":3}"#),
            ("/a/x", #"{"a":{"b":[1,{"c":2}],"x":0},"d":3}"#),
        ])
    func set(pointer: String, result: String) throws {
        var value = try JSONValue(parsing: Self.text)
        #expect(value.set(0, at: try JSONPointer(parsing: pointer)))
        #expect(value.description == result)
    }

    @Test(
        "changes nothing where there is no such place",
        arguments: ["/x/y", "/d/e", "/a/b/2", "/a/b/-1", "/a/b/01", "/a/b/x"])
    func refused(pointer: String) throws {
        var value = try JSONValue(parsing: Self.text)
        #expect(!value.set(0, at: try JSONPointer(parsing: pointer)))
        #expect(try value == JSONValue(parsing: Self.text))
    }
}
