import BerthJSON
import BerthPluginKit
import Testing

@Suite("A configuration's schema") struct ConfigurationSchemaTests {
    private static let schema = """
        {"type": "object", "required": ["seats"], "properties": {
            "seats": {"type": "integer", "minimum": 1, "maximum": 9}, "share": {"type": "number"},
            "mode": {"type": "string", "enum": ["static", "asked"]}, "on": {"type": "boolean"},
            "command": {"type": "array", "items": {"type": "string"}},
            "by_user": {"type": "object", "additionalProperties": {"type": "integer"}}, "free": {}}}
        """

    private static func violations(_ text: String) throws -> [String] {
        let schema = try ConfigurationSchema.reader.read(try JSONValue(parsing: schema))
        return schema.violations(of: try JSONValue(parsing: text)).map { "\($0.pointer) \($0.message)" }
    }

    @Test(
        "takes what is as it wants it",
        arguments: [
            #"{"seats": 1}"#, #"{"seats": 9.0, "share": 0.5, "mode": "asked", "on": true, "command": ["a", "b"]}"#,
            #"{"seats": 5, "by_user": {"anna": 3}, "free": [1, {"a": null}]}"#,
        ])
    func taken(text: String) throws { #expect(try Self.violations(text) == []) }

    @Test(
        "says where and how another is not",
        arguments: [
            ("{}", "/seats is missing"), (#"{"seats": 0}"#, "/seats has to be at least 1, not 0"),
            (#"{"seats": 10}"#, "/seats has to be at most 9, not 10"),
            (#"{"seats": 1.5}"#, "/seats has to be a whole number, not 1.5"),
            (#"{"seats": "1"}"#, #"/seats has to be a whole number, not "1""#),
            (#"{"seats": 1, "mode": "x"}"#, #"/mode has to be one of ["static","asked"], not "x""#),
            (#"{"seats": 1, "on": 1}"#, "/on has to be true or false, not 1"),
            (#"{"seats": 1, "command": ["a", 1]}"#, "/command/1 has to be a text, not 1"),
            (#"{"seats": 1, "by_user": {"a": "b"}}"#, #"/by_user/a has to be a whole number, not "b""#),
            (#"{"seats": 1, "seat": 1}"#, "/seat is not known"), ("[]", " has to be an object, not an array"),
        ])
    func refused(text: String, violation: String) throws { #expect(try Self.violations(text) == [violation]) }
}
