internal import BerthJSON

/// What `--or` says: what will do instead, as `cpu=4,memory=8GiB` or `gpu=1,gpu.model=H200`.
struct AlternativeOption {
    /// The resources as the API has them.
    let resources: JSONObject

    init(_ text: String) throws(CommandFailure) {
        var resources: JSONObject = [:]
        var facts: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            if AlternativeOption.isFact(part) {
                facts.append(part)
                continue
            }
            let (name, amount) = try Assignment.split(
                part, "--or", expected: "a type and an amount: cpu=4,memory=8GiB")
            let type = name == "exclusive-cpu" ? "cpu" : name
            guard resources[type] == nil else {
                throw CommandFailure("--or \(text.printable) says more than once how much \(type.printable)", status: 2)
            }
            var members = try AmountOption(amount, "--or").members
            if type != name { members["exclusive"] = true }
            resources[type] = .object(members)
        }
        let constraints = try WhereOption.constraints(facts, "--or", of: Set(resources.map { $0.key }))
        for (type, constraints) in constraints.sorted(by: { $0.key < $1.key }) {
            guard case .object(var members)? = resources[type] else {
                throw CommandFailure("--or \(text.printable) does not say how much \(type.printable)", status: 2)
            }
            members["where"] = .object(constraints)
            resources[type] = .object(members)
        }
        self.resources = resources
    }

    /// Whether it is a fact of a type, and not a type: the names of plugins' types have points too, but before a slash. No
    /// amount has another sign before it than =.
    private static func isFact(_ part: String) -> Bool {
        let name = part.prefix { !"=<>~!".contains($0) }
        if name.endIndex < part.endIndex, part[name.endIndex] != "=" { return true }
        return name[(name.lastIndex(of: "/") ?? name.startIndex)...].contains(".")
    }
}
