/// The two numbers that order kernels: 6.12 of `6.12.9-amd64`.
struct KernelVersion: Hashable, Comparable {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// - Returns: nil for what does not begin with two numbers
    init?(release: String) {
        let numbers = release.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").prefix(2)
        guard numbers.count == 2, let major = Int(numbers[0]), let minor = Int(numbers[1]) else { return nil }
        self.init(major, minor)
    }

    static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
