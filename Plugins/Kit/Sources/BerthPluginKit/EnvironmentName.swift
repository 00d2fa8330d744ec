/// Which variables a plugin may set in the environment of programs.
public enum EnvironmentName {
    /// What the loader, shells and interpreters take orders from.
    private static let forbidden: Set<String> = [
        "PATH", "HOME", "IFS", "ENV", "BASH_ENV", "GLIBC_TUNABLES", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "CDPATH",
        "SHELL", "USER", "LOGNAME", "TMPDIR", "EDITOR", "VISUAL", "PAGER", "MANPAGER", "LESSOPEN", "LESSCLOSE",
        "GCONV_PATH",
        "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NLSPATH", "RESOLV_HOST_CONF", "JDK_JAVA_OPTIONS", "CLASSPATH",
        "MAKEFLAGS",
        "MFLAGS", "TERMINFO", "TERMCAP", "OPENSSL_CONF", "SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_HOME",
        "DBUS_SESSION_BUS_ADDRESS",
        "PS1", "PS2", "PS4", "RUSTFLAGS", "GOFLAGS", "GOPATH", "GOROOT", "PHPRC",
    ]
    private static let forbiddenStarts = [
        "LD_", "PYTHON", "PERL", "NODE_", "GIT_", "JAVA_", "RUBY", "LUA_", "BASH_FUNC", "BERTH_", "SWIFT_", "MALLOC_",
        "SYSTEMD_", "SSH_", "GCC_", "RUST_", "CARGO_", "NPM_", "PHP_", "DOTNET_", "XDG_",
    ]

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
