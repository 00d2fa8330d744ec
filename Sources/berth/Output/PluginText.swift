internal import BerthJSON

/// Plugins as a person reads them.
enum PluginText {
    /// The path of a plugin's document.
    static func path(_ name: String) -> String { "/v1/plugins/\(name.percentEncoded)" }

    /// A line each.
    static func table(_ plugins: [JSONValue]) -> String {
        var table = Table(["NAME", "KIND", "VERSION", "STATE", "PROVIDES", "REASON"])
        for plugin in plugins {
            func cell(_ member: String) -> String { plugin[member]?.text ?? "-" }
            let types = plugin["types"]?.elements.compactMap(\.text) ?? []
            table.add([
                cell("name"), cell("kind"), cell("version"), cell("state"),
                types.isEmpty ? "-" : types.joined(separator: ", "), plugin["reason"]?.text ?? failure(plugin) ?? "",
            ])
        }
        return table.text
    }

    /// All that is known of one, but for what it has written.
    static func page(_ plugin: JSONValue) -> String {
        let rows: [(String, String?)] = [
            ("name", plugin["name"]?.text), ("kind", plugin["kind"]?.text), ("version", plugin["version"]?.text),
            ("state", plugin["state"]?.text), ("reason", plugin["reason"]?.text),
            ("last failure", failure(plugin)),
            ("process", plugin["pid"]?.integer.map { String($0) }), ("built with", plugin["built_with"]?.text),
            ("provides", plugin["types"]?.elements.compactMap(\.text).joined(separator: ", ")),
            ("failures", plugin["failures"]?.integer.map { String($0) }),
            (
                "starts in",
                plugin["next_start_in_ms"]?.integer.map { "\($0) ms" }
            ),
            ("not taken away", plugin["open"]?.elements.compactMap(\.text).joined(separator: "; ")),
        ]
        return rows.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return "\(name)\(String(repeating: " ", count: 16 - name.count))\(value.printable)\n"
        }.joined()
    }

    /// What it did when it failed last, and when that was.
    private static func failure(_ plugin: JSONValue) -> String? {
        guard let last = plugin["last_failure"], let reason = last["reason"]?.text, let at = last["at"]?.text else {
            return nil
        }
        return "failed at \(at): \(reason)"
    }
}
