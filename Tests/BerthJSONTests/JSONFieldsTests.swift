import BerthJSON
import Testing

private struct Memory: Equatable {
    var amount: String
    var limit: Int64?
}

private struct Request: Equatable {
    var name: String
    var memory: Memory?
    var labels: [String: String]
    var attach: Bool
}

extension JSONReader where Value == Memory {
    fileprivate static var memory: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let amount = try fields.required("amount", .string)
            let limit = try fields.optional("limit", .int64)
            if let limit, limit < 0 { throw fields.invalid("limit", "must not be negative", expected: "bytes") }
            return Memory(amount: amount, limit: limit)
        }
    }
}

@Suite("JSON fields") struct JSONFieldsTests {
    private func request(_ text: String, at pointer: JSONPointer = .root) throws -> Request {
        try JSONFields.read(try JSONValue(parsing: text), at: pointer) { fields throws(JSONFieldError) in
            Request(
                name: try fields.required("name", .string), memory: try fields.optional("memory", .memory),
                labels: try fields.optional("labels", .dictionary(of: .string)) ?? [:],
                attach: try fields.optional("attach", .bool) ?? false)
        }
    }

    @Test("are read by name and type, in any order")
    func reading() throws {
        #expect(
            try request(#"{"labels":{"a":"b"},"memory":{"amount":"4GiB","limit":8e9},"name":"n","attach":true}"#)
                == Request(
                    name: "n", memory: Memory(amount: "4GiB", limit: 8_000_000_000), labels: ["a": "b"], attach: true))
        #expect(try request(#"{"name":""}"#) == Request(name: "", memory: nil, labels: [:], attach: false))
    }

    @Test(
        "that are wrong are told with their place",
        arguments: [
            (#"[]"#, "the document must be an object, not an array"),
            (#"{}"#, "at /name: field \"name\" is missing"),
            (#"{"name":null}"#, "at /name: \"name\" must be a string, not null"),
            (#"{"name":"n","attach":null}"#, "at /attach: \"attach\" must be true or false, not null"),
            (#"{"name":"n","attach":0}"#, "at /attach: \"attach\" must be true or false, not a number"),
            (#"{"name":"n","memroy":{}}"#, "at /memroy: unknown field \"memroy\"; did you mean \"memory\"?"),
            (#"{"name":"n","x":{}}"#, "at /x: unknown field \"x\""),
            (#"{"name":"n","name":"n"}"#, "at /name: field \"name\" is given more than once"),
            (#"{"name":"n","x":1,"x":1}"#, "at /x: field \"x\" is given more than once"),
            (#"{"name":"n","labels":{"a":1}}"#, "at /labels/a: \"a\" must be a string, not a number"),
            (#"{"name":"n","labels":{"a/b":"","a/b":""}}"#, "at /labels/a~1b: field \"a/b\" is given more than once"),
            (#"{"name":"n","memory":{}}"#, "at /memory/amount: field \"amount\" is missing"),
            (
                #"{"name":"n","memory":{"amount":"1","limit":1.5}}"#,
                "at /memory/limit: \"limit\" must be a whole number of 64 bits, not 1.5"
            ),
            (#"{"name":"n","memory":{"amount":"1","limit":-1}}"#, "at /memory/limit: \"limit\" must not be negative"),
            (
                #"{"name":"n","memory":{"amount":"1","limits":-1}}"#,
                "at /memory/limits: unknown field \"limits\"; did you mean \"limit\"?"
            ),
        ])
    func mistakes(text: String, sentence: String) {
        let error = #expect(throws: JSONFieldError.self) { try request(text) }
        #expect(error?.description == sentence)
        let inner = #expect(throws: JSONFieldError.self) { try request(text, at: JSONPointer(["items", "0"])) }
        #expect(inner?.pointer.tokens == ["items", "0"] + (error?.pointer.tokens ?? []))
    }

    @Test("say what would have been accepted")
    func expected() {
        func expected(_ text: String) -> String? {
            #expect(throws: JSONFieldError.self) { try request(text) }?.expected
        }
        #expect(expected("{}") == "a string")
        #expect(expected(#"{"name":1}"#) == "a string")
        #expect(expected(#"{"name":"","x":1}"#) == #"one of "name", "memory", "labels", "attach""#)
        #expect(expected(#"{"name":"","memory":{"amount":"","limit":-1}}"#) == "bytes")
    }

    @Test("that are unknown are told after all that is wrong with the known ones")
    func order() {
        let error = #expect(throws: JSONFieldError.self) { try request(#"{"x":1}"#) }
        #expect(error?.kind == .missing)
    }

    @Test(
        "that must be there and are misspelt are told of as such, and not as missing",
        arguments: [
            (#"{"nmae":"n"}"#, "at /nmae: unknown field \"nmae\"; did you mean \"name\"?", "\"name\""),
            (#"{"x":1,"Name":"n","nam":"n"}"#, "at /Name: unknown field \"Name\"; did you mean \"name\"?", "\"name\""),
            (
                #"{"memory":{"amuont":"1"},"name":"n"}"#,
                "at /memory/amuont: unknown field \"amuont\"; did you mean \"amount\"?", "\"amount\""
            ),
            (#"{"title":"n"}"#, "at /name: field \"name\" is missing", "a string"),
        ])
    func misspelt(text: String, sentence: String, expected: String) {
        let error = #expect(throws: JSONFieldError.self) { try request(text) }
        #expect(error?.description == sentence)
        #expect(error?.expected == expected)
    }

    @Test("with orNull tell null from absent")
    func nulls() throws {
        func limit(_ value: JSONValue) throws -> Int64?? {
            try JSONFields.read(value) { fields throws(JSONFieldError) in try fields.optional("limit", .orNull(.int64))
            }
        }
        #expect(try limit([:]) == .none)
        #expect(try limit(["limit": nil]) == .some(.none))
        #expect(try limit(["limit": 5]) == .some(.some(5)))
        #expect(throws: JSONFieldError.self) { try limit(["limit": "5"]) }
    }

    @Test("can be read step by step, and are finished by hand")
    func stepByStep() throws {
        var fields = try JSONFields(["a": 1, "b": 2], at: JSONPointer(["x"]))
        #expect(fields.pointer.description == "/x")
        #expect(try fields.required("a", .int64) == 1)
        let error = #expect(throws: JSONFieldError.self) { try fields.finish() }
        #expect(error?.pointer.description == "/x/b")
        #expect(try fields.optional("b", .value) == 2)
        try fields.finish()
    }

    @Test("that nobody asked for are refused in no time, however many there are")
    func manyMembers() {
        let value = JSONValue.object(JSONObject((0..<30_000).map { ("k\($0)", 0) }))
        let time = ContinuousClock().measure {
            let error = #expect(throws: JSONFieldError.self) {
                try JSONFields.read(value) { fields throws(JSONFieldError) in try fields.optional("k29999", .int64) }
            }
            #expect(error?.pointer.tokens == ["k0"])
        }
        #expect(time < .seconds(10))
    }
}
