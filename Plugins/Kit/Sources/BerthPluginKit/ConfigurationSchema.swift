public import BerthJSON

/// What a plugin's section of the configuration has to be: the part of JSON Schema (2020-12) that says so of settings.
///
/// Understood are `type`, `properties`, `required`, `items`, `additionalProperties` (a schema or a boolean; false where
/// nothing is said), `enum`, `minimum`, `maximum`, and `title`, `description` and `default`, which are for people. Anything
/// else is refused when the manifest is read, for it would not be kept.
public indirect enum ConfigurationSchema: Hashable, Sendable {
    /// Anything, or one of these.
    case any(allowed: [JSONValue]?)
    /// `true` or `false`.
    case bool
    /// A text, or one of these.
    case string(allowed: [JSONValue]?)
    /// A number between two.
    case number(isWhole: Bool, minimum: JSONNumber?, maximum: JSONNumber?)
    /// A list.
    case array(of: ConfigurationSchema)
    /// An object: what each member has to be, which must be there, and what others may be; nil where there are none.
    case object(properties: [String: ConfigurationSchema], required: [String], others: ConfigurationSchema?)

    /// No settings at all.
    public static let empty = ConfigurationSchema.object(properties: [:], required: [], others: nil)

    /// What is wrong with a value; nothing where it is as the schema wants it.
    public func violations(of value: JSONValue, at pointer: JSONPointer = .root) -> [Violation] {
        func wrong(_ expected: String) -> [Violation] {
            [Violation("configuration", at: pointer.description, "has to be \(expected), not \(value.excerpt)")]
        }
        switch (self, value) {
        case (.any(let allowed), _), (.string(let allowed), .string):
            guard let allowed, !allowed.contains(value) else { return [] }
            return wrong("one of \(JSONValue.array(allowed))")
        case (.bool, .bool): return []
        case (.number(let isWhole, let minimum, let maximum), .number(let number)):
            if isWhole, number.int64 == nil { return wrong("a whole number") }
            if let minimum, number.double < minimum.double { return wrong("at least \(minimum)") }
            if let maximum, number.double > maximum.double { return wrong("at most \(maximum)") }
            return []
        case (.array(let element), .array(let elements)):
            return elements.enumerated().flatMap { element.violations(of: $1, at: pointer.appending($0)) }
        case (.object(let properties, let required, let others), .object(let object)):
            var found = required.filter { object[$0] == nil }.map { name in
                Violation("configuration", at: pointer.appending(name).description, "is missing")
            }
            for (name, value) in object {
                let place = pointer.appending(name)
                if let schema = properties[name] ?? others {
                    found += schema.violations(of: value, at: place)
                } else {
                    let near = nearestName(to: name, among: Array(properties.keys))
                    found.append(
                        Violation(
                            "configuration", at: place.description, "is not known",
                            hint: near.map { "do you mean \($0)?" }))
                }
            }
            return found
        case (.bool, _): return wrong("true or false")
        case (.string, _): return wrong("a text")
        case (.number(let isWhole, _, _), _): return wrong(isWhole ? "a whole number" : "a number")
        case (.array, _): return wrong("a list")
        case (.object, _): return wrong("an object")
        }
    }
}

extension ConfigurationSchema {
    /// As a manifest has it.
    public static var reader: JSONReader<ConfigurationSchema> {
        .fields { fields throws(JSONFieldError) in
            for text in ["title", "description"] { _ = try fields.optional(text, .string) }
            _ = try fields.optional("default", .value)
            let allowed = try fields.optional("enum", .array)
            guard let type = try fields.optional("type", .string) else { return .any(allowed: allowed) }
            switch type {
            case "boolean": return .bool
            case "string": return .string(allowed: allowed)
            case "integer", "number":
                return .number(
                    isWhole: type == "integer", minimum: try fields.optional("minimum", .number),
                    maximum: try fields.optional("maximum", .number))
            case "array":
                return .array(of: try fields.optional("items", ConfigurationSchema.reader) ?? .any(allowed: nil))
            case "object":
                return .object(
                    properties: try fields.optional("properties", .dictionary(of: ConfigurationSchema.reader)) ?? [:],
                    required: try fields.optional("required", .array(of: .string)) ?? [],
                    others: try fields.optional("additionalProperties", others) ?? nil)
            default:
                throw fields.invalid(
                    "type", "is not \(type)", expected: "boolean, string, integer, number, array or object")
            }
        }
    }

    private static var others: JSONReader<ConfigurationSchema?> {
        JSONReader(expecting: "a schema, true or false") { value throws(JSONFieldError) in
            if case .bool(let isOpen) = value { return isOpen ? .any(allowed: nil) : nil }
            return try reader.read(value)
        }
    }
}
