internal import BerthCore
package import BerthJSON
internal import BerthModel

/// One pool as it is shown.
package struct PoolView: Hashable, Sendable {
    /// What is said of it.
    var pool: Pool
    /// What it holds, with the pools within it.
    var held: Amounts
    /// What it may take now, of the types that pools say anything of.
    var free: [ResourceType: Quantity]
    /// How many reservations are in it.
    var reservations: Int
    /// How many requests wait for it.
    var waiting: Int
    /// What the kernel holds of it.
    var receipts: [Receipt] = []

    /// The pool's document.
    package var json: JSONValue {
        var object = pool.json
        object["held"] = PoolView.json(
            held.parts.map { ($0.type, Quantity(Int64(clamping: $0.units))) })
        object["free"] = PoolView.json(free.map { ($0.key, $0.value) })
        object["reservations"] = JSONValue(reservations)
        object["waiting"] = JSONValue(waiting)
        object["receipts"] = .array(receipts.map(\.json))
        return .object(object)
    }

    private static func json(_ amounts: [(ResourceType, Quantity)]) -> JSONValue {
        .object(
            JSONObject(amounts.sorted { $0.0 < $1.0 }.map { type, amount in (type.name, type.measure.json(amount)) }))
    }
}
