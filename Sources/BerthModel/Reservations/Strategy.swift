public import BerthJSON

/// How units are chosen for one request.
public enum Strategy: String, Hashable, Sendable, CaseIterable {
    /// The first that fit, by number: the cheapest decision.
    case greedy
    /// So that the fullest of what there is several of (NUMA nodes, GPUs, interfaces) is as empty as possible.
    case balanced
    /// So that the choice costs the future as little as possible, and the parts of the request are near each other.
    case optimized
    /// As optimized, and lower priorities may have to go for it.
    case priority

    /// What is chosen by where nothing is said.
    public static let standard = Strategy.optimized

    /// Those that a request may ask for. Nothing is displaced for anybody yet, so a request cannot ask for that.
    public static let offered: [Strategy] = [.greedy, .balanced, .optimized]
}

extension JSONReader where Value == Strategy {
    /// One of the strategies that a request may ask for.
    public static var strategy: JSONReader {
        let expected = "one of " + Strategy.offered.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            guard let strategy = Strategy(rawValue: text), Strategy.offered.contains(strategy) else {
                throw .invalid("is \(value.excerpt), not \(expected)", expected: expected)
            }
            return strategy
        }
    }
}
