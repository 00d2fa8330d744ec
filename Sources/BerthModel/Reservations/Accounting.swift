public import BerthJSON

/// What accounts remember, and for how long. It is an event when this changes, for what is remembered depends on it.
public struct Accounting: Hashable, Sendable {
    /// After so long a use counts half, in milliseconds.
    public var halfLife: Int64
    /// The same of each pool in which accounts are kept by themselves.
    public var pools: [PoolName: Int64]
    /// The lengths of the periods in which resource-hours are counted, in milliseconds, shortest first.
    public var periods: [Int64]

    /// Seven days, as Slurm has it.
    public static let standardHalfLife: Int64 = 7 * 24 * 3_600_000

    /// - Parameters:
    ///   - halfLife: after so long a use counts half, in milliseconds
    ///   - periods: the lengths of the periods in which resource-hours are counted, in milliseconds
    ///   - pools: the half-life in each pool in which accounts are kept by themselves
    public init(halfLife: Int64 = standardHalfLife, periods: [Int64] = [], pools: [PoolName: Int64] = [:]) {
        self.halfLife = max(1, halfLife)
        self.pools = pools.mapValues { max(1, $0) }
        self.periods = Set(periods.filter { $0 > 0 }).sorted()
    }

    /// When the period that a moment is in began: periods follow one another since Monday, 1970-01-05T00:00:00Z.
    public static func start(of period: Int64, at time: Int64) -> Int64 {
        let monday: Int64 = 4 * 24 * 3_600_000
        let into = (time - monday) % period
        return time - (into < 0 ? into + period : into)
    }

    /// The half-life of what is had in a pool; nil is the host.
    public func halfLife(in pool: PoolName?) -> Int64 { pool.flatMap { pools[$0] } ?? halfLife }

    /// The numbers as the ledger keeps them.
    public var stored: JSONValue {
        var object: JSONObject = [
            "half_life_ms": JSONValue(halfLife), "periods_ms": .array(periods.map { JSONValue($0) }),
        ]
        if !pools.isEmpty {
            object["pools_ms"] = .object(
                JSONObject(pools.sorted { $0.key < $1.key }.map { ($0.key.text, JSONValue($0.value)) }))
        }
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    public static var storedReader: JSONReader<Accounting> {
        .fields { fields throws(JSONFieldError) in
            Accounting(
                halfLife: try fields.required("half_life_ms", .int64),
                periods: try fields.required("periods_ms", .array(of: .int64)),
                pools: try fields.optional("pools_ms", .halfLives) ?? [:])
        }
    }
}

extension JSONReader where Value == [PoolName: Int64] {
    fileprivate static var halfLives: JSONReader {
        JSONReader(expecting: "half-lives by pool") { value throws(JSONFieldError) in
            var halfLives: [PoolName: Int64] = [:]
            for (name, halfLife) in try JSONReader<[String: Int64]>.dictionary(of: .int64).read(value) {
                guard let pool = PoolName(name) else { throw .invalid("are not of pools") }
                halfLives[pool] = halfLife
            }
            return halfLives
        }
    }
}
