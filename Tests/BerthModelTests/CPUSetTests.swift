import BerthModel
import Support
import Testing

@Suite("A set of CPUs") struct CPUSetTests {
    @Test("has what was put in and nothing else", arguments: [[], [0], [63], [64], [0, 63, 64, 65, 4095], [65_535]])
    func members(numbers: [Int]) {
        let set = CPUSet(numbers)
        #expect(Array(set) == numbers)
        #expect(set.count == numbers.count)
        #expect(set.isEmpty == numbers.isEmpty)
        #expect(set.first == numbers.first)
        for number in numbers { #expect(set.contains(number)) }
        for number in [-1, 1, 62, 66, 65_536, .max, .min] where !numbers.contains(number) {
            #expect(!set.contains(number))
        }
    }

    @Test("is equal to another with the same members, however it came to them")
    func equality() {
        var set: CPUSet = [1, 200]
        set.remove(200)
        #expect(set == [1])
        #expect(set.hashValue == CPUSet([1]).hashValue)
        set.remove(1)
        set.remove(1)
        set.remove(-1)
        set.remove(1_000_000)
        #expect(set == [])
        #expect(CPUSet([1, 200]).intersection([1, 300]) == [1])
        #expect(CPUSet([1, 200]).subtracting([200]) == [1])
        #expect(CPUSet([1]).union([200]) == [200, 1])
    }

    @Test("joins, cuts and compares as a set of numbers does")
    func algebra() {
        var generator = SeededGenerator.named("CPUSet algebra")
        for _ in 0..<300 {
            let one = CPUSetTests.random(&generator)
            let other = CPUSetTests.random(&generator)
            let (left, right) = (CPUSet(one), CPUSet(other))
            #expect(Array(left.union(right)) == one.union(other).sorted(), "\(generator.note)")
            #expect(Array(left.intersection(right)) == one.intersection(other).sorted(), "\(generator.note)")
            #expect(Array(left.subtracting(right)) == one.subtracting(other).sorted(), "\(generator.note)")
            #expect(left.isSubset(of: right) == one.isSubset(of: other), "\(generator.note)")
            #expect(left.isSubset(of: left.union(right)), "\(generator.note)")
            #expect(left.isDisjoint(with: right) == one.isDisjoint(with: other), "\(generator.note)")
            #expect((left == right) == (one == other), "\(generator.note)")
        }
    }

    @Test("prints and reads back the same, as a list and as a mask")
    func roundTrip() throws {
        var generator = SeededGenerator.named("CPUSet round trip")
        for _ in 0..<300 {
            let set = CPUSet(CPUSetTests.random(&generator))
            #expect(try CPUSet(parsing: set.description) == set, "\(generator.note)")
            #expect(try CPUSet(parsingMask: CPUSetTests.mask(set)) == set, "\(generator.note)")
        }
    }

    static func random(_ generator: inout SeededGenerator) -> Set<Int> {
        let highest = [3, 64, 130, 600].randomElement(using: &generator) ?? 3
        let count = Int.random(in: 0...highest, using: &generator)
        return Set((0..<count).map { _ in Int.random(in: 0...highest, using: &generator) })
    }

    /// As the kernel prints a mask: groups of eight digits, the highest first.
    static func mask(_ set: CPUSet) -> String {
        var groups = [UInt32](repeating: 0, count: max(1, ((set.max() ?? 0) + 32) / 32))
        for number in set { groups[number / 32] |= 1 << UInt32(number % 32) }
        return groups.reversed().map { group in
            let digits = String(group, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined(separator: ",")
    }
}
