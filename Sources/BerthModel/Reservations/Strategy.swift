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

    /// Those that differ in which units they choose.
    public static let choosing: [Strategy] = [.greedy, .balanced, .optimized]
}
