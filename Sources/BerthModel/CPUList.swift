extension CPUSet {
    /// The longest list that is read, in bytes. Every second CPU of ``capacity`` takes less than half of this.
    private static let longestList = 1 << 19
    /// The longest mask that is read, in bytes: ``capacity`` bits with separators take a third of this.
    private static let longestMask = 1 << 16

    /// Reads the kernel's list format: `0-3,8,10-11`, as in `/sys/devices/system/cpu/online` and `cpuset.cpus`.
    ///
    /// An empty or blank text is the empty set. Strides (`0-31:1/2`) are read too, for `isolcpus` accepts them.
    /// - Parameter text: the list; white space, newlines and NUL bytes around it are ignored
    /// - Throws: ``ParseError`` for anything else, for a range that runs backwards, for numbers of 65536 and above,
    ///   and for a list that names the same CPUs over and over
    public init(parsing text: some StringProtocol) throws(ParseError) {
        self.init()
        let bare = text.trimmed
        guard !bare.isEmpty else { return }
        let refusal = ParseError(text, expected: "a list of CPUs such as 0-3,8")
        guard bare.utf8.count <= CPUSet.longestList else { throw refusal }
        // A short text can name every CPU thousands of times; no list that is meant names more than the whole range.
        var budget = 2 * CPUSet.capacity
        for part in bare.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = CPURange(part), range.count <= budget else { throw refusal }
            budget -= range.count
            range.insert(into: &self)
        }
    }

    /// Reads the kernel's mask format: groups of 32 bits in hexadecimal, the highest first, as in `thread_siblings`.
    /// - Parameter text: the mask, such as `00000001,0000ffff`
    /// - Throws: ``ParseError`` for anything else
    public init(parsingMask text: some StringProtocol) throws(ParseError) {
        self.init()
        let bare = text.trimmed
        let refusal = ParseError(text, expected: "a CPU mask such as 0000000f,ffffffff")
        guard bare.utf8.count <= CPUSet.longestMask else { throw refusal }
        let groups = bare.split(separator: ",", omittingEmptySubsequences: false)
        guard groups.count <= CPUSet.capacity / 32 else { throw refusal }
        for (index, group) in groups.reversed().enumerated() {
            var digits = group
            if digits.hasPrefix("0x") { digits = digits.dropFirst(2) }
            guard !digits.isEmpty, digits.utf8.count <= 8, digits.utf8.allSatisfy(\.isHexDigit),
                var bits = UInt32(digits, radix: 16)
            else { throw refusal }
            while bits != 0 {
                insert(index * 32 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }
}

extension CPUSet: CustomStringConvertible {
    /// The kernel's list format: `0-3,8,10-11`; the empty set is the empty text.
    public var description: String {
        var parts: [String] = []
        var run: ClosedRange<Int>?
        func close(_ run: ClosedRange<Int>) -> String {
            run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
        }
        for number in self {
            if let open = run, open.upperBound + 1 == number {
                run = open.lowerBound...number
            } else {
                if let run { parts.append(close(run)) }
                run = number...number
            }
        }
        if let run { parts.append(close(run)) }
        return parts.joined(separator: ",")
    }
}

/// One part of a list: `4`, `4-7`, or `0-31:1/2` (of each group of 2 the first 1).
private struct CPURange {
    let numbers: ClosedRange<Int>
    /// Of each `group` numbers the first `used` are members.
    var used = 1
    var group = 1

    /// How many numbers are looked at to insert them.
    var count: Int { numbers.count }

    init?(_ text: some StringProtocol) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let lower = CPURange.number(ends[0]), let upper = ends.count == 2 ? CPURange.number(ends[1]) : lower,
            lower <= upper
        else { return nil }
        numbers = lower...upper
        guard halves.count == 2 else { return }
        let stride = halves[1].split(separator: "/", omittingEmptySubsequences: false)
        guard ends.count == 2, stride.count == 2, let used = CPURange.number(stride[0]),
            let group = CPURange.number(stride[1]), group > 0, used <= group
        else { return nil }
        self.used = used
        self.group = group
    }

    func insert(into set: inout CPUSet) {
        for number in numbers where (number - numbers.lowerBound) % group < used { set.insert(number) }
    }

    /// Digits only: `Int` alone would also take a sign.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 10 else { return nil }
        var number = 0
        for digit in text.utf8 {
            guard digit >= 0x30 && digit <= 0x39 else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return number < CPUSet.capacity ? number : nil
    }
}
