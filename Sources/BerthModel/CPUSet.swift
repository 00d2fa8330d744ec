/// A set of logical CPU numbers, or of NUMA node numbers, as the kernel counts them.
///
/// Kept as bits, for sets of up to a few hundred members are joined and cut on the path of every decision.
public struct CPUSet: Sendable {
    /// The highest number taken, plus one. The kernel's own limit (`CONFIG_NR_CPUS`) is 8192; a text from outside
    /// that names a higher number is refused, so that it cannot make a set of gigabytes.
    public static let capacity = 65_536

    /// Bit `n % 64` of word `n / 64` is CPU `n`; the last word is never zero, so that equal sets are equal arrays.
    @usableFromInline var words: [UInt64]

    /// The empty set.
    @inlinable public init() { words = [] }

    /// - Parameter numbers: the members, in any order; each at least 0 and below ``capacity``
    @inlinable public init(_ numbers: some Sequence<Int>) {
        self.init()
        for number in numbers { insert(number) }
    }

    /// Adds one CPU.
    @inlinable public mutating func insert(_ number: Int) {
        precondition(number >= 0 && number < CPUSet.capacity, "a CPU number is between 0 and 65535")
        let word = number >> 6
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(number & 63)
    }

    /// Takes one CPU out; nothing happens when it is not there.
    @inlinable public mutating func remove(_ number: Int) {
        guard number >= 0, number >> 6 < words.count else { return }
        words[number >> 6] &= ~(1 << UInt64(number & 63))
        trim()
    }

    /// Whether the set has this CPU.
    @inlinable public func contains(_ number: Int) -> Bool {
        number >= 0 && number >> 6 < words.count && words[number >> 6] & (1 << UInt64(number & 63)) != 0
    }

    /// How many CPUs the set has.
    @inlinable public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether the set has none.
    @inlinable public var isEmpty: Bool { words.isEmpty }

    /// The lowest CPU.
    @inlinable public var first: Int? {
        guard let word = words.firstIndex(where: { $0 != 0 }) else { return nil }
        return word << 6 + words[word].trailingZeroBitCount
    }

    /// Everything that is in either set.
    @inlinable public func union(_ other: CPUSet) -> CPUSet {
        var result = words.count >= other.words.count ? self : other
        let shorter = words.count >= other.words.count ? other : self
        for index in shorter.words.indices { result.words[index] |= shorter.words[index] }
        return result
    }

    /// What is in both sets.
    @inlinable public func intersection(_ other: CPUSet) -> CPUSet {
        var result = CPUSet()
        result.words = zip(words, other.words).map { $0 & $1 }
        result.trim()
        return result
    }

    /// What is in this set and not in the other.
    @inlinable public func subtracting(_ other: CPUSet) -> CPUSet {
        var result = self
        for index in 0..<Swift.min(words.count, other.words.count) { result.words[index] &= ~other.words[index] }
        result.trim()
        return result
    }

    /// Whether every member of this set is in the other.
    @inlinable public func isSubset(of other: CPUSet) -> Bool { subtracting(other).isEmpty }

    /// Whether the sets have no member in common.
    @inlinable public func isDisjoint(with other: CPUSet) -> Bool {
        !zip(words, other.words).contains { $0 & $1 != 0 }
    }

    @inlinable mutating func trim() {
        while words.last == 0 { words.removeLast() }
    }
}

extension CPUSet: Hashable, ExpressibleByArrayLiteral {
    /// - Parameter elements: the members
    @inlinable public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension CPUSet: Sequence {
    /// Walks the members, lowest first.
    public struct Iterator: IteratorProtocol {
        @usableFromInline let words: [UInt64]
        @usableFromInline var word = 0
        @usableFromInline var rest: UInt64

        @inlinable init(_ words: [UInt64]) {
            self.words = words
            rest = words.first ?? 0
        }

        /// The next member, nil after the last.
        @inlinable public mutating func next() -> Int? {
            while rest == 0 {
                word += 1
                guard word < words.count else { return nil }
                rest = words[word]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return word << 6 + bit
        }
    }

    /// The members, lowest first.
    @inlinable public func makeIterator() -> Iterator { Iterator(words) }

    /// How many CPUs the set has.
    @inlinable public var underestimatedCount: Int { count }
}
