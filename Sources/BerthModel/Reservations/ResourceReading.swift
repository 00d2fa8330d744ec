public import BerthJSON

extension ResourceChange {
    /// So many types of plugins may be named in a request.
    static let mostProvided = 64
    /// The most of all their parameters together, in bytes: they are noted at a leaf, and kept as long as it is held.
    static let mostParameters = 16_384
    /// How deep parameters may be: they stand within other documents.
    static let deepestParameters = 16

    /// Reads the `resources` object: a quantity or an object for each type, and a list of devices for storage.
    public static var reader: JSONReader<ResourceChange> {
        .fields { fields throws(JSONFieldError) in
            var change = ResourceChange(parts: [], storage: [])
            for type in ResourceType.builtIn where type != .storage {
                if let part = try fields.optional(type.name, Part.reader(type)) { change.parts.append(part) }
            }
            if let said = try fields.optional("storage", .storageWords) {
                for case .named(let ask) in said { change.storage.append(ask) }
                for case .any(let ask) in said { change.disks.append(ask) }
            }
            var size = 0
            for name in fields.others.prefix(ResourceChange.mostProvided) {
                guard let type = ResourceType(provided: name) else { continue }
                guard let part = try fields.optional(name, Part.reader(type)) else { continue }
                size += part.parameters.map { JSONValue.object($0).description.utf8.count } ?? 0
                guard size <= ResourceChange.mostParameters else {
                    throw .invalid(
                        at: JSONPointer([name, "parameters"]),
                        "of all types must be at most \(ResourceChange.mostParameters) bytes")
                }
                change.parts.append(part)
            }
            return change
        }
    }
}

extension ResourceChange.Part {
    fileprivate static func reader(_ type: ResourceType) -> JSONReader<ResourceChange.Part> {
        JSONReader(expecting: type.measure.example) { value throws(JSONFieldError) in
            guard case .object = value else {
                return ResourceChange.Part(type: type, amount: try JSONReader.quantity(of: type).read(value))
            }
            return try JSONFields.read(value) { fields throws(JSONFieldError) in
                ResourceChange.Part(
                    type: type, amount: try fields.optional("amount", .quantity(of: type)),
                    minimum: try fields.optional("minimum", .quantity(of: type)),
                    limit: type.isProvided ? nil : try fields.optional("limit", .quantity(of: type)),
                    exclusive: type == .cpu ? try fields.optional("exclusive", .bool) : nil,
                    constraints: type == .pids ? nil : try fields.optional("where", .constraints),
                    preferences: type == .pids ? nil : try fields.optional("prefer", .constraints),
                    terms: type == .memory ? try MemoryTermsChange.read(&fields) : MemoryTermsChange(),
                    parameters: type.isProvided ? try fields.optional("parameters", .parameters) : nil)
            }
        }
    }
}

extension JSONReader where Value == JSONObject {
    /// Words of a plugin's own: an object that is not deep.
    fileprivate static var parameters: JSONReader {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in
            let object = try JSONReader<JSONObject>.object.read(value)
            guard value.depth <= ResourceChange.deepestParameters else {
                throw .invalid("must be at most \(ResourceChange.deepestParameters) deep")
            }
            return object
        }
    }
}

extension JSONReader where Value == Quantity {
    /// A quantity of a type that can be asked for.
    public static func quantity(of type: ResourceType) -> JSONReader {
        guard type == .gpu else { return quantity(type.measure) }
        return JSONReader(expecting: type.measure.example) { value throws(JSONFieldError) in
            let amount = try quantity(type.measure).read(value)
            guard amount < type.whole || amount.units % type.whole.units == 0 else {
                let text = type.measure.text(amount)
                throw .invalid(
                    "must be a whole number, or less than 1 for a part of one GPU, not \(text)",
                    expected: type.measure.example)
            }
            return amount
        }
    }

    /// A quantity of a measure that can be asked for.
    /// - Parameters:
    ///   - measure: what it counts
    ///   - least: the least of it; nil is the measure's smallest
    public static func quantity(_ measure: Measure, least: Quantity? = nil) -> JSONReader {
        JSONReader(expecting: measure.example) { value throws(JSONFieldError) in
            let quantity: Quantity
            do throws(ParseError) {
                quantity = try measure.quantity(value)
            } catch {
                throw .invalid("is \(value.excerpt), not \(error.expected)", expected: error.expected)
            }
            guard quantity >= least ?? measure.smallest else {
                throw .invalid("must be at least \(measure.text(measure.smallest)), not \(measure.text(quantity))")
            }
            return quantity
        }
    }
}

/// One entry of a request's storage.
enum StorageWords {
    case named(StorageAsk)
    case any(DiskAsk)
}

extension JSONReader where Value == [StorageAsk] {
    /// A list of devices with their ceilings, each device once.
    static var storage: JSONReader {
        JSONReader(expecting: "a list of devices with their rates or weights") { value throws(JSONFieldError) in
            var asks: [StorageAsk] = []
            for (index, said) in try JSONReader<[StorageWords]>.storageWords.read(value).enumerated() {
                guard case .named(let ask) = said else {
                    throw .missing(at: JSONPointer([String(index), "device"]), expected: "the name of a disk")
                }
                asks.append(ask)
            }
            return asks
        }
    }
}

extension JSONReader where Value == [StorageWords] {
    /// So many devices may be named in a request.
    private static var mostDevices: Int { 256 }

    /// A list of disks with their ceilings, each that is named once.
    fileprivate static var storageWords: JSONReader {
        let expected = "a list of at most \(mostDevices) devices with their rates or weights"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            if case .array(let elements) = value, elements.count > mostDevices {
                throw .invalid("must be at most \(mostDevices) devices, not \(elements.count)", expected: expected)
            }
            let all = try JSONReader<[StorageWords]>.array(of: .words).read(value)
            var seen: Set<String> = []
            var open = 0
            for (index, said) in all.enumerated() {
                switch said {
                case .named(let ask) where !seen.insert(ask.device).inserted:
                    throw .invalid(
                        at: JSONPointer([String(index), "device"]),
                        "is given more than once: \(JSONValue.string(ask.device).excerpt)")
                case .named: break
                case .any: open += 1
                }
                guard open <= DiskAsk.most else {
                    throw .invalid(
                        at: JSONPointer([String(index)]), "is one of more than \(DiskAsk.most) that name no device")
                }
            }
            return all
        }
    }
}

extension JSONReader where Value == StorageWords {
    fileprivate static var words: JSONReader {
        .fields { fields throws(JSONFieldError) in
            let device = try fields.optional("device", .string)
            let constraints = try fields.optional("where", .constraints)
            if device != nil, constraints != nil {
                throw fields.invalid("where", "makes no sense with a device, which is chosen by its name")
            }
            var rates = StorageRates()
            for rate in StorageRates.all {
                rates[keyPath: rate.path] = try fields.optional(rate.name, .quantity(rate.measure))
            }
            let weight = try fields.optional("weight", .weight)
            // A rate that is misspelt is one that is not there: it is what must be told of.
            try fields.finish()
            guard !rates.isEmpty || weight != nil else {
                throw .missing(
                    at: fields.pointer.appending("read"), expected: "read, write, read_iops, write_iops or weight")
            }
            if let constraints { return .any(DiskAsk(constraints, rates: rates, weight: weight)) }
            guard let device else { throw fields.missing("device", expected: "the name of a disk, or \"where\"") }
            let name = device.hasPrefix("/dev/") ? String(device.dropFirst(5)) : device
            return .named(StorageAsk(device: name, rates: rates, weight: weight))
        }
    }
}

extension JSONReader where Value == Int {
    /// A weight among siblings; a text too, as a quantity may be one.
    fileprivate static var weight: JSONReader {
        let range = StorageAsk.weights
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let weight: Int?
            do throws(ParseError) {
                weight = Int(exactly: try Measure.count.quantity(value).units)
            } catch {
                weight = nil
            }
            guard let weight, range.contains(weight) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return weight
        }
    }
}
