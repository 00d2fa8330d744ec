import BerthJSON
import Testing

@Suite("A JSON object") struct JSONObjectTests {
    @Test("keeps order and duplicates as they were read")
    func order() throws {
        guard case .object(let object) = try JSONValue(parsing: #"{"b":1,"a":2,"b":3}"#) else {
            Issue.record("not an object")
            return
        }
        #expect(object.map(\.key) == ["b", "a", "b"])
        #expect(object.map(\.value) == [1, 2, 3])
        #expect(JSONValue.object(object).description == #"{"b":1,"a":2,"b":3}"#)
    }

    @Test("gives the last value of a name, nil for a name it has not")
    func reading() {
        let object: JSONObject = ["a": 1, "b": nil, "a": 2]
        #expect(object["a"] == 2)
        #expect(object["b"] == .some(.null))
        #expect(object["c"] == nil)
    }

    @Test("takes a new value in the name's place and drops its further values")
    func setting() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        object["a"] = 4
        object["c"] = 5
        #expect(object == ["a": 4, "b": 2, "c": 5])
        object["c"] = .some(.null)
        #expect(object == ["a": 4, "b": 2, "c": nil])
    }

    @Test("drops a name that is set to nil, everywhere")
    func removal() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        object["a"] = nil
        object["absent"] = nil
        #expect(object == ["b": 2])
    }

    @Test("puts what is appended at the end, even a name it has")
    func appending() {
        var object: JSONObject = ["a": 1]
        object.append(2, for: "a")
        #expect(object == ["a": 1, "a": 2])
    }

    @Test("finds its first duplicate, with few members and with many", arguments: [0, 2, 6, 7, 8, 100])
    func duplicates(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", JSONValue($0)) })
        #expect(object.firstDuplicate == nil)
        for name in ["x", "y", "x", "y"] { object.append(nil, for: name) }
        #expect(object.firstDuplicate == "x")
    }

    @Test("holds names that are the same characters for one, as a dictionary of texts does")
    func canonicalNames() {
        let object: JSONObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(object.firstDuplicate != nil)
    }

    @Test("of many members is searched for duplicates in no time")
    func manyMembers() {
        let object = JSONObject((0..<30_000).map { ("\($0)", 0) })
        let time = ContinuousClock().measure { #expect(object.firstDuplicate == nil) }
        #expect(time < .seconds(10))
    }

    @Test("hashes by its members")
    func hashing() {
        let objects: Set<JSONObject> = [["a": 1], ["a": 1], ["a": 2], ["b": 1], ["a": 1, "b": 1]]
        #expect(objects.count == 4)
    }
}
