internal import BerthJSON

/// Pools as a person wants to read them.
enum PoolText {
    /// One line a pool, those within another behind it.
    static func table(_ pools: [JSONValue]) -> String {
        var table = Table(
            ["POOL", "KIND", "WEIGHT", "LIVE", "WAITING", "GUARANTEED", "MAX", "HELD", "FREE"], right: [2, 3, 4])
        for pool in pools {
            let name = pool["name"]?.text ?? "?"
            let kind = (pool["kind"]?.text ?? "?") + (pool["draining"] == true ? " (draining)" : "")
            table.add([
                pool["parent"]?.text.map { "\($0)/\(name)" } ?? name, kind, pool["weight"]?.description ?? "?",
                pool["reservations"]?.description ?? "?", pool["waiting"]?.description ?? "?",
                amounts(pool["guaranteed"]), amounts(pool["max"] ?? pool["guaranteed"]), amounts(pool["held"]),
                amounts(pool["free"]),
            ])
        }
        return table.text
    }

    private static func amounts(_ amounts: JSONValue?) -> String {
        let texts = (amounts?.members ?? [:]).map { "\($0.key)=\(QuantityCell.text($0.value, of: $0.key))" }
        return texts.isEmpty ? "-" : texts.joined(separator: " ")
    }
}
