public import BerthJSON

/// Where a request wants to lie, or not to lie, by what other reservations hold.
public struct Affinity: Hashable, Sendable {
    /// So many may be given of each kind.
    public static let most = 8

    /// The other reservations.
    public enum Target: Hashable, Sendable {
        /// This one.
        case reservation(ReservationID)
        /// Those that are live and have all of these labels.
        case labels([String: String])
    }

    /// What of theirs counts.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// The NUMA nodes that they touch by whole cores, bound memory and units.
        case numa
        /// The GPUs and interfaces that they hold a part of.
        case unit
    }

    /// The other reservations.
    public var target: Target
    /// What of theirs counts.
    public var scope: Scope
    /// Whether it is granted where this cannot be.
    public var isPreferred: Bool

    /// - Parameters:
    ///   - target: the other reservations
    ///   - scope: what of theirs counts
    ///   - isPreferred: whether it is granted where this cannot be
    public init(_ target: Target, by scope: Scope = .numa, isPreferred: Bool = false) {
        self.target = target
        self.scope = scope
        self.isPreferred = isPreferred
    }
}

extension Affinity {
    /// As a client would write it.
    public var json: JSONValue {
        var object: JSONObject = [:]
        switch target {
        case .reservation(let id): object["reservation"] = .string(id.description)
        case .labels(let labels):
            object["labels"] = .object(
                JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        object["by"] = .string(scope.rawValue)
        if isPreferred { object["preferred"] = true }
        return .object(object)
    }

    fileprivate static var reader: JSONReader<Affinity> {
        .fields { fields throws(JSONFieldError) in
            let id = try fields.optional("reservation", .reservationID)
            let labels = try fields.optional("labels", .labels)
            let scope = try fields.optional("by", .oneOf(Scope.self)) ?? .numa
            let isPreferred = try fields.optional("preferred", .bool) ?? false
            // A name that is misspelt is what must be told of.
            try fields.finish()
            switch (id, labels) {
            case (let id?, nil): return Affinity(.reservation(id), by: scope, isPreferred: isPreferred)
            case (nil, let labels?) where !labels.isEmpty:
                return Affinity(.labels(labels), by: scope, isPreferred: isPreferred)
            case (nil, _?):
                throw fields.invalid(
                    "labels", "must be at least one label", expected: "labels such as {\"app\": \"db\"}")
            case (nil, nil): throw fields.missing("reservation", expected: "\"reservation\" or \"labels\"")
            case (_?, _?):
                throw fields.invalid("labels", "cannot stand beside \"reservation\": one of the two is enough")
            }
        }
    }
}

extension JSONReader where Value == [Affinity] {
    /// One, or a list of such of which all must hold.
    static var affinities: JSONReader {
        let expected = "an object such as {\"labels\": {\"app\": \"db\"}}, or a list of at most \(Affinity.most) such"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            guard case .array(let elements) = value else {
                guard case .object = value else { throw .wrongType(expected: expected, found: value) }
                return [try Affinity.reader.read(value)]
            }
            guard elements.count <= Affinity.most else {
                throw .invalid("must be at most \(Affinity.most), not \(elements.count)", expected: expected)
            }
            return try JSONReader<[Affinity]>.array(of: Affinity.reader).read(value)
        }
    }
}
