public import BerthJSON

extension ReservationRequest {
    /// Reads the body of `POST /v1/reservations`.
    public static var reader: JSONReader<ReservationRequest> {
        .fields { fields throws(JSONFieldError) in
            let name = try fields.optional("name", .reservationName)
            let change = try fields.required("resources", ResourceChange.reader)
            let resources = try change.resolved()
            guard !resources.isEmpty else {
                throw fields.invalid("resources", ReservationRequest.nothing)
            }
            let alternatives = try fields.optional("alternatives", .alternatives) ?? []
            let affinity = try fields.optional("affinity", .affinities) ?? []
            let antiAffinity = try fields.optional("anti_affinity", .affinities) ?? []
            let lease = try fields.optional("lease", .duration)
            let end = try fields.optional("end", .oneOf(End.self))
            let labels = try fields.optional("labels", .labels) ?? [:]
            let enforce = try fields.optional("enforce", .oneOf(Enforce.self)) ?? .preferred
            let strategy = try fields.optional("strategy", .oneOf(Strategy.self))
            let same = try fields.optional("same", .oneOf(Same.self))
            let attach = try fields.optional("attach", .oneOf(Attach.self))
            let wait = try fields.optional("wait", .duration)
            let priority = try fields.optional("priority", .int(in: ReservationRequest.priorities)) ?? 0
            let pool = try fields.optional("pool", .poolName) ?? .standard
            let gang = try fields.optional("gang", Gang.reader)
            let start = try fields.optional("start", .timestamp)
            var request = ReservationRequest(
                name: name, resources: resources, lease: lease, end: end, labels: labels, enforce: enforce,
                attachesCaller: attach == .caller, strategy: strategy, same: same, wait: wait, priority: priority)
            request.start = start
            request.warning = try fields.optional("signal", Warning.reader)
            request.isRequeued = try fields.optional("requeue", .bool) ?? false
            request.alternatives = alternatives
            request.affinity = affinity
            request.pool = pool
            request.antiAffinity = antiAffinity
            request.gang = gang
            try request.checkGang(fields)
            try request.checkStart(fields)
            try request.checkEnd(fields)
            return request
        }
    }

    fileprivate static let nothing = "must name at least one resource type, such as {\"cpu\": 1}"

    private enum Attach: String, CaseIterable {
        case caller
    }
}

/// What one field says may make no sense with what another says.
extension ReservationRequest {
    fileprivate func checkGang(_ fields: JSONFields) throws(JSONFieldError) {
        if gang != nil, wait == nil {
            throw fields.invalid(
                "gang", "needs a \"wait\": each of a gang waits for the others", expected: "a \"wait\" beside it")
        }
        if gang != nil, strategy == .priority {
            throw fields.invalid(
                "strategy", "\"priority\" has others go for one reservation, and not for a gang",
                expected: "another strategy, or no gang")
        }
    }

    fileprivate func checkStart(_ fields: JSONFields) throws(JSONFieldError) {
        if start != nil, lease == nil {
            throw fields.invalid(
                "start", "needs a \"lease\": what begins later must say how long it holds",
                expected: "a lease, such as \"lease\": \"2h\"")
        }
        if start != nil, strategy == .priority {
            throw fields.invalid(
                "strategy", "\"priority\" has others go now, and never for a start to come",
                expected: "another strategy, or no start")
        }
        if start != nil, wait != nil, gang == nil {
            throw fields.invalid(
                "wait", "cannot go with \"start\": what has a start is promised or refused at once")
        }
        if start != nil, gang != nil {
            throw fields.invalid(
                "start", "cannot go with \"gang\": a gang begins when all of it have asked and all of it fits",
                expected: "a request without \"gang\", or one without \"start\"")
        }
    }

    fileprivate func checkEnd(_ fields: JSONFields) throws(JSONFieldError) {
        if let before = warning?.before, let lease, before >= lease {
            throw fields.invalid(
                "signal", "would be sent \(before.text) before the end of a lease of \(lease.text)",
                expected: "a signal that comes after the lease begins")
        }
        if isRequeued, attachesCaller {
            throw fields.invalid(
                "requeue", "is for reservations that programs come to: the one that calls is ended with it",
                expected: "a request without \"attach\": \"caller\", and `berth attach` when it is granted again")
        }
    }
}

extension JSONReader where Value == [Resources] {
    /// What will do instead: a list of resources.
    fileprivate static var alternatives: JSONReader {
        let most = ReservationRequest.mostAlternatives
        let expected = "a list of at most \(most) resources, such as [{\"cpu\": 2}, {\"cpu\": 1}]"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            guard case .array(let elements) = value else { throw .wrongType(expected: expected, found: value) }
            guard elements.count <= most else {
                throw .invalid("must be at most \(most), not \(elements.count)", expected: expected)
            }
            let changes = try JSONReader<[ResourceChange]>.array(of: ResourceChange.reader).read(value)
            var alternatives: [Resources] = []
            for (index, change) in changes.enumerated() {
                let place = JSONPointer([String(index)])
                let resources = try change.resolved(at: place)
                guard !resources.isEmpty else { throw .invalid(at: place, ReservationRequest.nothing) }
                alternatives.append(resources)
            }
            return alternatives
        }
    }
}

extension JSONReader where Value == Duration {
    /// A duration of a tenth of a second to ten years: seconds as a number, or a text such as `"10m"`.
    public static var duration: JSONReader {
        let expected =
            "a duration of 100ms to ten years: seconds such as 90, or a text of whole numbers such as \"10m\" or \"1h30m\""
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let duration: Duration?
            switch value {
            case .number(let number): duration = number.scaled(decimals: 3).flatMap(Duration.init(boundedMilliseconds:))
            case .string(let text): duration = try? Duration(parsing: text)
            default: throw .wrongType(expected: expected, found: value)
            }
            guard let duration, duration >= .milliseconds(100) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return duration
        }
    }
}

extension JSONReader where Value == String {
    /// A name for people: 1 to 128 printable characters.
    public static var reservationName: JSONReader {
        JSONReader(expecting: "1 to 128 printable characters") { value throws(JSONFieldError) in
            let name = try JSONReader<String>.string.read(value)
            // Code points, as JSON Schema counts: what a person takes for one character may have a million of them.
            guard !name.isEmpty, name.utf8.count <= 512, name.unicodeScalars.count <= 128,
                name.unicodeScalars.allSatisfy(\.isPrintable)
            else { throw .invalid("must be 1 to 128 printable characters") }
            return name
        }
    }

    /// A key of a label, or the name of a pool: `[A-Za-z0-9._-]{1,64}`.
    public static func isKey(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                    || byte == 0x2E || byte == 0x5F || byte == 0x2D
            }
    }
}

extension JSONReader where Value == [String: String] {
    /// Labels: at most 64, keys of `[A-Za-z0-9._-]{1,64}`, values of at most 256 printable characters, counted as code points.
    static var labels: JSONReader {
        JSONReader(expecting: "an object of strings") { value throws(JSONFieldError) in
            if case .object(let object) = value, object.count > 64 {
                throw .invalid("must be at most 64 labels, not \(object.count)")
            }
            let labels = try JSONReader<[String: String]>.dictionary(of: .string).read(value)
            for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
                let place = JSONPointer([key])
                guard JSONReader<String>.isKey(key) else {
                    throw .invalid(at: place, "is no key: 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\" and \"-\"")
                }
                guard value.utf8.count <= 1024, value.unicodeScalars.count <= 256,
                    value.unicodeScalars.allSatisfy(\.isPrintable)
                else {
                    throw .invalid(at: place, "must be at most 256 printable characters")
                }
            }
            return labels
        }
    }
}

extension JSONReader where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    public static func oneOf(_ type: Value.Type) -> JSONReader {
        let words = type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        let expected = type.allCases.count == 1 ? words : "one of \(words)"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            guard let word = type.init(rawValue: text) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return word
        }
    }
}

extension Duration {
    /// Milliseconds of at most ten years; nil for more and for negative ones.
    init?(boundedMilliseconds milliseconds: Int64) {
        guard 0...316_224_000_000 ~= milliseconds else { return nil }
        self = .milliseconds(milliseconds)
    }
}
