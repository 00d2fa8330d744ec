import BerthJSON
import Testing

@Suite("A JSON field error") struct JSONFieldErrorTests {
    private let place = JSONPointer(["a", "b"])

    @Test("has a message of its kind")
    func messages() {
        #expect(JSONFieldError.missing(at: place, expected: "a string").message == "field \"b\" is missing")
        #expect(
            JSONFieldError.wrongType(at: place, expected: "a port", found: nil).message
                == "\"b\" must be a port, not null")
        #expect(JSONFieldError.duplicate(at: place).message == "field \"b\" is given more than once")
        #expect(JSONFieldError.invalid(at: place, "must be even").message == "\"b\" must be even")
        #expect(JSONFieldError.invalid("must be even").message == "the document must be even")
        #expect(JSONFieldError.unknown(at: place, known: []).message == "unknown field \"b\"")
        #expect(JSONFieldError.unknown(at: place, known: ["bc"]).message == "unknown field \"b\"")
        #expect(
            JSONFieldError.unknown(at: place, known: ["abc", "B"]).message == "unknown field \"b\"; did you mean \"B\"?"
        )
    }

    @Test("of an unknown field says which fields there are")
    func known() {
        #expect(JSONFieldError.unknown(at: place, known: []).expected == "no fields")
        #expect(JSONFieldError.unknown(at: place, known: ["x"]).expected == "\"x\"")
        #expect(JSONFieldError.unknown(at: place, known: ["x", "y"]).expected == "one of \"x\", \"y\"")
    }

    @Test("is told from further out")
    func below() {
        let error = JSONFieldError.invalid(at: JSONPointer(["c"]), "must be even", expected: "2").below(place)
        #expect(error == .invalid(at: JSONPointer(["a", "b", "c"]), "must be even", expected: "2"))
        #expect(error.description == "at /a/b/c: \"c\" must be even")
    }

    @Test("keeps its message short and printable whatever the client sent")
    func hostileNames() {
        let name = "\u{1B}[31m" + String(repeating: "x", count: 1_000_000)
        let error = JSONFieldError.unknown(at: JSONPointer([name]), known: ["a"])
        #expect(error.message == #"unknown field "\u001b[31m"# + String(repeating: "x", count: 35) + "…\"")
        #expect(error.pointer.tokens == [name])
    }

    @Test(
        "shows a value as far as it fits",
        arguments: [
            (nil, "null"), (true, "true"), (12, "12"), ("a\"\n", #""a\"\n""#), ([1], "an array"),
            (["a": 1], "an object"),
            (.string(String(repeating: "é", count: 40)), "\"\(String(repeating: "é", count: 40))\""),
            (.string(String(repeating: "é", count: 41)), "\"\(String(repeating: "é", count: 40))…\""),
        ] as [(JSONValue, String)])
    func excerpt(value: JSONValue, text: String) { #expect(value.excerpt == text) }

    @Test("cuts a number that is too long to show")
    func longNumber() throws {
        let number = try JSONNumber(parsing: String(repeating: "1", count: 1000))
        #expect(JSONValue.number(number).excerpt == String(repeating: "1", count: 40) + "…")
    }
}
