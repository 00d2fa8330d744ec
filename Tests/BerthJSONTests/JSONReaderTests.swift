import BerthJSON
import Testing

@Suite("A JSON reader") struct JSONReaderTests {
    @Test("reads its own kind")
    func kinds() throws {
        #expect(try JSONReader.string.read("a") == "a")
        #expect(try JSONReader.bool.read(true) == true)
        #expect(try JSONReader.number.read(5) == JSONNumber(5))
        #expect(try JSONReader.int64.read(try JSONValue(parsing: "1e3")) == 1000)
        #expect(try JSONReader.array.read([1, "a"]) == [1, "a"])
        #expect(try JSONReader.object.read(["a": 1]) == ["a": 1])
        #expect(try JSONReader.value.read(nil) == .null)
    }

    private static let values: [JSONValue] = [nil, true, 1, "a", [], [:]]

    @Test("refuses every other kind, null too, and says both", arguments: values)
    func otherKinds(value: JSONValue) {
        func check<Value>(_ reader: JSONReader<Value>, _ own: JSONKind) {
            guard value.kind != own else { return }
            let error = #expect(throws: JSONFieldError.self) { _ = try reader.read(value) }
            #expect(error?.kind == .wrongType(found: value.kind))
            #expect(error?.message == "the document must be \(reader.expected), not \(value.kind)")
        }
        check(.string, .string)
        check(.bool, .bool)
        check(.number, .number)
        check(.int64, .number)
        check(.array, .array)
        check(.object, .object)
        check(.array(of: .string), .array)
        check(.dictionary(of: .string), .object)
        check(.fields { _ in () }, .object)
    }

    @Test("takes no number for an integer that is none", arguments: ["1.5", "9223372036854775808", "1e99", "1e-1"])
    func noInteger(text: String) throws {
        let value = try JSONValue(parsing: text)
        let error = #expect(throws: JSONFieldError.self) { try JSONReader.int64.read(value) }
        #expect(error?.message == "the document must be a whole number of 64 bits, not \(text)")
    }

    @Test("with orNull reads null as nil, and says that null would do")
    func orNull() throws {
        let reader = JSONReader.orNull(.string)
        #expect(try reader.read(nil) == nil)
        #expect(try reader.read("a") == "a")
        let error = #expect(throws: JSONFieldError.self) { try reader.read(1) }
        #expect(error?.message == "the document must be a string or null, not a number")
        #expect(error?.expected == "a string or null")
    }

    @Test("with orNull leaves errors from further in alone")
    func orNullInside() {
        let error = #expect(throws: JSONFieldError.self) { try JSONReader.orNull(.array(of: .string)).read(["a", 1]) }
        #expect(error?.description == "at /1: \"1\" must be a string, not a number")
    }

    @Test("of arrays and dictionaries reads each element and names the one that is wrong")
    func elements() throws {
        #expect(try JSONReader.array(of: .int64).read([1, 2]) == [1, 2])
        #expect(try JSONReader.dictionary(of: .string).read(["a": "b", "c": "d"]) == ["a": "b", "c": "d"])
        let nested = JSONReader.dictionary(of: .array(of: .bool))
        let error = #expect(throws: JSONFieldError.self) { try nested.read(["a/b": [true, "no"]]) }
        #expect(error?.pointer.description == "/a~1b/1")
    }

    @Test("of objects refuses a name twice")
    func duplicates() {
        let value: JSONValue = ["a": 1, "b": 2, "a": 3]
        let object = #expect(throws: JSONFieldError.self) { try JSONReader.object.read(value) }
        let dictionary = #expect(throws: JSONFieldError.self) { try JSONReader.dictionary(of: .value).read(value) }
        #expect(object == .duplicate(at: JSONPointer(["a"])))
        #expect(dictionary == object)
    }

    @Test("tells the place it was given")
    func place() {
        let pointer = JSONPointer(["x", "0"])
        let error = #expect(throws: JSONFieldError.self) { try JSONReader.array(of: .string).read([nil], at: pointer) }
        #expect(error?.pointer.description == "/x/0/0")
    }
}
