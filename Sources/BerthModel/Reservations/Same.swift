/// What everything that a request gets must have in common.
public enum Same: String, Hashable, Sendable, CaseIterable {
    /// One NUMA node: its exclusive CPUs, memory, GPUs, interface and what plugins provide.
    case numa
}
