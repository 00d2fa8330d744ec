internal import BerthJSON

/// Looking into a document of the agent, which may have more members than this program knows, or others.
extension JSONValue {
    /// A member of an object; nil where this is none or has none of that name.
    subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The text; nil where this is none.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number; nil where this is none.
    var integer: Int64? {
        guard case .number(let number) = self else { return nil }
        return number.int64
    }

    /// The elements; none where this is no array.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The members; none where this is no object.
    var members: JSONObject {
        guard case .object(let object) = self else { return [:] }
        return object
    }
}
