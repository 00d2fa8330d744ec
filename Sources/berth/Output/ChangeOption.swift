internal import BerthJSON
internal import BerthModel

/// What a person types for a change with which a request would fit.
enum ChangeOption {
    /// The options, as `(--memory 24GiB)` or `(without --same)`; nil where the command line has none for it.
    /// - Parameter asked: the body of the request
    static func text(_ change: JSONValue, of asked: JSONValue) -> String? {
        let edits = change["set"]?.elements ?? []
        guard !edits.isEmpty else { return nil }
        if edits.contains(where: { $0["pointer"]?.text?.hasPrefix("/alternatives") != false }) {
            return AlternativeText.option(edits, of: asked).map { "(\($0))" }
        }
        let options: [String?] =
            switch change["kind"]?.text {
            case "less": (change["less"]?.elements ?? []).map { less($0, edits, of: asked) }
            case "node":
                edits.map { edit in
                    type(edit).flatMap { type in
                        change["node"]?.integer.map { "--where \(type).numa=\($0)" }
                    }
                }
            case "where": [condition(change, edits)]
            case "shared": shared(edits, of: asked)
            case "same": ["without --same"]
            case "affinity": ["without that --near"]
            case "anti_affinity": ["without that --apart"]
            case "lease": [value(edits, "/lease").map { "--lease \($0)" }]
            case "later":
                [value(edits, "/start").map { "--start \($0)" } ?? value(edits, "/wait").map { "--wait \($0)" }]
            // The one that is had without is not written.
            case "priority": [value(edits, "/priority").map { "--priority \($0)" } ?? "without --priority"]
            case "preempt": [value(edits, "/strategy").map { "--strategy \($0)" }]
            default: [nil]
            }
        let known = options.compactMap { $0 }
        return known.count == options.count ? "(\(known.joined(separator: " ")))" : nil
    }

    private static func less(_ less: JSONValue, _ edits: [JSONValue], of asked: JSONValue) -> String? {
        guard let name = less["type"]?.text, let type = ResourceType(name), let fits = less["fits"] else { return nil }
        if let device = less["device"]?.text, let rate = less["rate"]?.text {
            let disks = edits.first { $0["pointer"]?.text == "/resources/storage" }?["value"]?.elements ?? []
            let named = disks.filter { $0[rate] == fits }.compactMap { $0["device"]?.text }
            let isNamed = named.contains { $0.hasPrefix(device) || device.hasPrefix($0) || $0.hasSuffix("/\(device)") }
            let isOpen = !isNamed && disks.contains { $0[rate] == fits && $0["where"] != nil }
            let disk = isOpen ? "any" : named.first { $0.hasPrefix(device) } ?? named.first ?? device
            // As it was typed: once more by another name would be another disk.
            let typed = (asked["resources"]?["storage"]?.elements ?? []).compactMap { $0["device"]?.text }
            let name = typed.first { $0 == disk || $0.hasSuffix("/\(disk)") } ?? disk
            guard let known = StorageRates.all.first(where: { $0.name == rate }),
                let text = try? known.measure.text(known.measure.quantity(fits))
            else { return nil }
            return "--io-\(rate.split(separator: "_").joined(separator: "-")) \(name)=\(text)"
        }
        guard let text = try? type.measure.text(type.measure.quantity(fits)) else { return nil }
        if type.isProvided { return "--resource \(name)=\(text)" }
        let value = edits.first { self.type($0) == name }?["value"]
        return "--\(value?["exclusive"] == true ? "exclusive-" : "")\(name) \(text)"
    }

    private static func condition(_ change: JSONValue, _ edits: [JSONValue]) -> String? {
        guard let type = change["type"]?.text, let fact = change["fact"]?.text else { return nil }
        guard let value = edits.first?["value"]?["where"]?[fact] else { return "without --where \(type).\(fact)" }
        return WhereOption.texts([fact: value]).map { "--where '\(type).\($0)'" }.joined(separator: " ")
    }

    /// The type whose part of the request is set.
    private static func type(_ edit: JSONValue) -> String? {
        guard let text = edit["pointer"]?.text, let pointer = try? JSONPointer(parsing: text),
            pointer.tokens.count == 2, pointer.tokens[0] == "resources"
        else { return nil }
        return pointer.tokens[1]
    }

    /// Shared time, which lies nowhere: nothing is said of its place any more.
    private static func shared(_ edits: [JSONValue], of asked: JSONValue) -> [String?] {
        let value = edits.first { type($0) == "cpu" }?["value"]
        let before = asked["resources"]?["cpu"]
        let dropped = [("where", "--where"), ("prefer", "--prefer")].flatMap { member, option in
            (before?[member]?.members ?? [:]).map { "without \(option) cpu.\($0.key)" }
        }
        return [value.flatMap { AmountOption.text($0, of: .cpu) }.map { "--cpu \($0)" }] + dropped
    }

    private static func value(_ edits: [JSONValue], _ pointer: String) -> String? {
        let value = edits.first { $0["pointer"]?.text == pointer }?["value"]
        return value?.text ?? value?.integer.map(String.init)
    }
}
