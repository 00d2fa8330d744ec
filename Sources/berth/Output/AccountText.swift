internal import BerthJSON
internal import BerthModel

/// Accounts as a person wants to read them.
enum AccountText {
    /// The policies in a line each, that of the host first.
    static func policies(_ answer: JSONValue) -> String {
        var lines = Lines()
        lines.add("Policy", policy(answer["policy"] ?? [:]))
        for (pool, said) in answer["pools"]?.members ?? [:] { lines.add("in \(pool)", policy(said)) }
        return lines.text + "\n"
    }

    /// A policy in short.
    static func policy(_ policy: JSONValue) -> String {
        let groups = policy["groups"]?.elements.compactMap(\.text) ?? []
        var words = [policy["kind"]?.text ?? "?"]
        if let over = policy["over"]?.text { words.append("over \(over)") }
        if let halfLife = policy["half_life"]?.text { words.append("half-life \(halfLife)") }
        if let ageing = policy["ageing"]?.text { words.append("a step of priority for \(ageing) of waiting") }
        if let patience = policy["patience"]?.text { words.append("nobody passed for more than \(patience)") }
        if !groups.isEmpty { words.append("groups \(groups.joined(separator: " "))") }
        if let quotas = policy["quotas"]?.elements.count { words.append("\(quotas) quota\(quotas == 1 ? "" : "s")") }
        return words.joined(separator: ", ")
    }

    /// One line an account.
    static func table(_ accounts: [JSONValue]) -> String {
        var table = Table(
            ["ACCOUNT", "WEIGHT", "LIVE", "WAITING", "SHARE", "AVERAGE", "HELD"], right: [1, 2, 3, 4, 5])
        for account in accounts {
            table.add([
                name(account), account["weight"]?.description ?? "-", account["reservations"]?.description ?? "?",
                account["waiting"]?.description ?? "?", percent(account["share"]), percent(account["average_share"]),
                amounts(account["held"]),
            ])
        }
        return table.text
    }

    /// One line a quota.
    static func quotas(_ accounts: [JSONValue]) -> String {
        var table = Table(["ACCOUNT", "QUOTA", "OF", "MOST", "HAS"], right: [3, 4])
        for account in accounts {
            for quota in account["quotas"]?.elements ?? [] {
                let type = quota["type"]?.text
                let isHours = quota["hours"] != nil
                let period = quota["per"]?.text.map { "-hours per \($0)" } ?? ""
                let most = quota["amount"] ?? quota["hours"] ?? quota["reservations"]
                table.add([
                    name(account), quota["hard"] == true ? "hard" : "soft",
                    (type ?? "reservations") + (isHours ? period : ""), cell(most, of: type),
                    cell(quota["had"], of: type),
                ])
            }
        }
        return table.text
    }

    /// The quota that one waits for: `over the hard quota of 2 cpu, of which user 1001 has 1.5`.
    static func quota(_ quota: JSONValue) -> String {
        let type = quota["type"]?.text
        let what = (type ?? "reservations") + (quota["per"]?.text.map { "-hours per \($0)" } ?? "")
        let most = quota["amount"] ?? quota["hours"] ?? quota["reservations"]
        let who = ["user", "group", "workflow"].compactMap { kind in
            quota[kind].map { $0 == .null ? "everybody in no group" : "\(kind) \($0.text ?? $0.description)" }
        }
        return "over the \(quota["hard"] == true ? "hard" : "soft") quota of \(cell(most, of: type)) \(what), of which "
            + "\(who.first ?? "?")\(pool(quota)) has \(cell(quota["had"], of: type))"
    }

    private static func cell(_ value: JSONValue?, of type: String?) -> String {
        type == nil ? value?.description ?? "?" : QuantityCell.text(value, of: type)
    }

    private static func name(_ account: JSONValue) -> String {
        let kind = account["kind"]?.text ?? "?"
        guard let value = account[kind], value != .null else { return "others" + pool(account) }
        return "\(kind) \(value.text ?? value.description)" + pool(account)
    }

    /// In which pool it is.
    private static func pool(_ said: JSONValue) -> String { said["pool"]?.text.map { " in \($0)" } ?? "" }

    private static func amounts(_ held: JSONValue?) -> String {
        let texts = (held?.members ?? [:]).map { "\($0.key)=\(QuantityCell.text($0.value, of: $0.key))" }
        return texts.isEmpty ? "-" : texts.joined(separator: " ")
    }

    /// A share of one as `12.5%`.
    private static func percent(_ share: JSONValue?) -> String {
        guard case .number(let number)? = share, let millionths = number.scaled(decimals: 6) else { return "?" }
        let tenths = (millionths + 500) / 1000
        return "\(tenths / 10).\(tenths % 10)%"
    }
}
