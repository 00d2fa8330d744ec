public import BerthJSON

/// Any one disk with certain facts, with ceilings on its rates, and a weight among those who use it.
public struct DiskAsk: Hashable, Sendable {
    /// So many of a request may leave it open which disk they get.
    public static let most = 16

    /// Facts that the disk must have, by name: `rotational`, `model`, `size`, …; none is any disk.
    public var constraints: [String: Constraint]
    /// The rates; none is given only where there is a weight.
    public var rates: StorageRates
    /// The share of the device among siblings, as that of a ``StorageAsk``.
    public var weight: Int?

    /// - Parameters:
    ///   - constraints: facts that the disk must have
    ///   - rates: the rates
    ///   - weight: the share among siblings
    public init(_ constraints: [String: Constraint], rates: StorageRates = StorageRates(), weight: Int? = nil) {
        self.constraints = constraints
        self.rates = rates
        self.weight = weight
    }

    /// The same of one disk.
    public func of(_ device: String) -> StorageAsk { StorageAsk(device: device, rates: rates, weight: weight) }

    /// The facts, the rates and the weight, as a client would write them.
    public var json: JSONValue {
        var object: JSONObject = ["where": constraints.json]
        for (name, value) in rates.json { object[name] = value }
        object["weight"] = weight.map { JSONValue($0) }
        return .object(object)
    }
}
