/// Which variables a plugin may set in the environment of programs.
public enum EnvironmentName {
    /// What the loader, shells and interpreters take orders from.
    private static let forbidden: Set<String> = ["PATH", "HOME", "IFS", "ENV", "BASH_ENV", "GLIBC_TUNABLES"]
    private static let forbiddenStarts = ["LD_", "PYTHON", "PERL", "NODE_", "GIT_"]

    /// Whether a plugin may set it: capital letters, digits and `_`, and none that changes how programs run.
    public static func isAllowed(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, isCapital(first), bytes.count <= 100 else { return false }
        let isPlain = bytes.allSatisfy {
            isCapital($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return isPlain && !forbidden.contains(name) && !forbiddenStarts.contains { name.hasPrefix($0) }
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
