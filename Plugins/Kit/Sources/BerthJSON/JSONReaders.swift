extension JSONReader where Value == JSONValue {
    /// Any value, null too.
    @inlinable
    public static var value: JSONReader { JSONReader(expecting: "a value") { value in value } }
}

extension JSONReader where Value == String {
    /// A text.
    @inlinable
    public static var string: JSONReader {
        JSONReader(expecting: "a string") { value throws(JSONFieldError) in
            guard case .string(let text) = value else { throw .wrongType(expected: "a string", found: value) }
            return text
        }
    }
}

extension JSONReader where Value == Bool {
    /// `true` or `false`.
    @inlinable
    public static var bool: JSONReader {
        JSONReader(expecting: "true or false") { value throws(JSONFieldError) in
            guard case .bool(let bool) = value else { throw .wrongType(expected: "true or false", found: value) }
            return bool
        }
    }
}

extension JSONReader where Value == JSONNumber {
    /// Any number.
    @inlinable
    public static var number: JSONReader {
        JSONReader(expecting: "a number") { value throws(JSONFieldError) in
            guard case .number(let number) = value else { throw .wrongType(expected: "a number", found: value) }
            return number
        }
    }
}

extension JSONReader where Value == Int64 {
    /// A whole number of 64 bits, however it is written: `1e3` and `1000.0` are 1000.
    @inlinable
    public static var int64: JSONReader {
        JSONReader(expecting: "a whole number") { value throws(JSONFieldError) in
            guard case .number(let number) = value else { throw .wrongType(expected: "a whole number", found: value) }
            guard let integer = number.int64 else {
                throw .invalid(
                    "must be a whole number of 64 bits, not \(value.excerpt)", expected: "a whole number")
            }
            return integer
        }
    }
}

extension JSONReader where Value == Int {
    /// A whole number that is in a range.
    public static func int(in range: ClosedRange<Int>) -> JSONReader {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            guard let number = Int(exactly: try JSONReader<Int64>.int64.read(value)), range.contains(number) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return number
        }
    }
}

extension JSONReader where Value == [JSONValue] {
    /// An array of anything.
    @inlinable
    public static var array: JSONReader {
        JSONReader(expecting: "an array") { value throws(JSONFieldError) in
            guard case .array(let elements) = value else { throw .wrongType(expected: "an array", found: value) }
            return elements
        }
    }
}

extension JSONReader where Value == JSONObject {
    /// An object with any members, no name twice.
    @inlinable
    public static var object: JSONReader {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in
            guard case .object(let object) = value else { throw .wrongType(expected: "an object", found: value) }
            if let name = object.firstDuplicate { throw .duplicate(at: JSONPointer([name])) }
            return object
        }
    }
}

extension JSONReader {
    /// An array whose elements another reader reads.
    @inlinable
    public static func array<Element>(of element: JSONReader<Element>) -> JSONReader where Value == [Element] {
        JSONReader(expecting: "an array") { value throws(JSONFieldError) in
            var elements: [Element] = []
            for (index, value) in try JSONReader<[JSONValue]>.array.read(value).enumerated() {
                elements.append(try element.read(value, at: .root.appending(index)))
            }
            return elements
        }
    }

    /// An object with any names, no name twice, whose values another reader reads.
    @inlinable
    public static func dictionary<Member>(of member: JSONReader<Member>) -> JSONReader
    where Value == [String: Member] {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in
            let object = try JSONReader<JSONObject>.object.read(value)
            var members = [String: Member](minimumCapacity: object.count)
            for (name, value) in object {
                members[name] = try member.read(value, at: .root.appending(name))
            }
            return members
        }
    }

    /// An object of known fields: `body` asks for each, and a field that it did not ask for is refused.
    @inlinable
    public static func fields(
        _ body: @escaping (inout JSONFields) throws(JSONFieldError) -> Value
    ) -> JSONReader {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in try JSONFields.read(value, body) }
    }
}
