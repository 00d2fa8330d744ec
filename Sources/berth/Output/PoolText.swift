internal import BerthJSON

/// Pools as a person wants to read them.
enum PoolText {
    /// One line a pool, those within another behind it, then one for each that says who goes first in it, and for all that
    /// the kernel does not hold.
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
        return table.text + pools.compactMap(policy).joined() + pools.flatMap(doubts).joined()
    }

    private static func policy(_ pool: JSONValue) -> String? {
        pool["policy"].map { "pool \(pool["name"]?.text ?? "?"): policy \(AccountText.policy($0))".printable + "\n" }
    }

    private static func doubts(_ pool: JSONValue) -> [String] {
        (pool["receipts"]?.elements ?? []).filter { $0["status"] != "enforced" }.map { receipt in
            let words = [pool["name"], receipt["type"], receipt["status"], receipt["reason"]].map { $0?.text ?? "?" }
            return "pool \(words[0]): \(words[1]) is \(words[2]): \(words[3])".printable + "\n"
        }
    }

    private static func amounts(_ amounts: JSONValue?) -> String {
        let texts = (amounts?.members ?? [:]).map { "\($0.key)=\(QuantityCell.text($0.value, of: $0.key))" }
        return texts.isEmpty ? "-" : texts.joined(separator: " ")
    }
}
