public import BerthJSON

/// Requests of one user that are granted all together or not at all.
public struct Gang: Hashable, Sendable {
    /// What its user calls it: `[A-Za-z0-9._-]{1,64}`.
    public var id: String
    /// How many requests it is.
    public var size: Int

    /// So many requests a gang may be.
    public static let sizes = 2...64

    /// - Parameters:
    ///   - id: what its user calls it
    ///   - size: how many requests it is
    public init(id: String, size: Int) {
        self.id = id
        self.size = size
    }
}

extension Gang {
    /// The gang as requests and answers have it.
    public var json: JSONValue { ["id": .string(id), "size": JSONValue(size)] }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Gang> {
        .fields { fields throws(JSONFieldError) in
            Gang(id: try fields.required("id", .gangID), size: try fields.required("size", .int(in: Gang.sizes)))
        }
    }
}

extension JSONReader where Value == String {
    /// The name of a gang or a barrier.
    public static var gangID: JSONReader {
        let expected = "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\""
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let id = try JSONReader<String>.string.read(value)
            guard isKey(id) else { throw .invalid("must be \(expected)", expected: expected) }
            return id
        }
    }
}
