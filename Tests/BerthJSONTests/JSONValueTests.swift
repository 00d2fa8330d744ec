import BerthJSON
import Testing

@Suite("A JSON value") struct JSONValueTests {
    @Test("is written in Swift as it stands in JSON")
    func literals() {
        let name = "build"
        let value: JSONValue = [
            "name": "\(name)-1", "cpus": 3, "low": -9_223_372_036_854_775_808, "on": true, "off": false, "none": nil,
            "list": [1, "two", [], [:]],
        ]
        #expect(
            value.description == """
                {"name":"build-1","cpus":3,"low":-9223372036854775808,"on":true,"off":false,"none":null,\
                "list":[1,"two",[],{}]}
                """)
    }

    @Test("is made of whole numbers of every width")
    func integers() {
        #expect(JSONValue(-1) == .number(JSONNumber(-1)))
        #expect(JSONValue(Int64.min).description == "-9223372036854775808")
        #expect(JSONValue(UInt64.max).description == "18446744073709551615")
    }

    @Test(
        "knows its kind, which reads well in a sentence",
        arguments: [
            (nil, "null"), (true, "true or false"), (1, "a number"), ("", "a string"), ([], "an array"),
            ([:], "an object"),
        ] as [(JSONValue, String)])
    func kind(value: JSONValue, text: String) { #expect(value.kind.description == text) }

    @Test("equals a value that prints the same, and no other")
    func equality() throws {
        #expect(try JSONValue(parsing: #" {"a" : [1, "A"]} "#) == ["a": [1, "A"]])
        #expect(try JSONValue(parsing: "1.0") != 1)
        #expect(["a": 1, "b": 2] as JSONValue != ["b": 2, "a": 1])
    }
}
