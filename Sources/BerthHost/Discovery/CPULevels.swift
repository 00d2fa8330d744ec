/// Sorts measured values into levels: a level ends where the next value is more than a tenth higher.
///
/// Equal cores differ by a few per cent, for firmware favours some of them (five values of `cpu_capacity` for two
/// kinds of core have been seen); kinds differ by more.
struct Levels {
    private var levels: [Int: Int] = [:]

    /// - Parameter values: none above 2^50; one that is unknown puts all in one level
    init(_ values: [Int?]) {
        let known = values.compactMap { $0 }
        guard known.count == values.count else { return }
        var level = 0
        var last: Int?
        for value in Set(known).sorted() {
            if let last, Double(value) > Double(last) * 1.1 { level += 1 }
            levels[value] = level
            last = value
        }
    }

    /// The level of a value, from 0 for the lowest; nil when not all values are known.
    subscript(value: Int) -> Int? { levels[value] }
}
