/// Reaches a number of CPUs exactly with cores of different size, the fewest that do.
struct CoreMix {
    private let sizes: [Int]
    /// By kind, by number of CPUs: the fewest cores of this and the kinds before; `none` where none reach it.
    private var fewest: [[Int32]]
    private static let none: Int32 = .max

    /// - Parameters: the CPUs of a core of each kind, how many cores there are of each, and the highest number to reach
    init(sizes: [Int], counts: [Int], upTo limit: Int) {
        self.sizes = sizes
        fewest = []
        var before = [Int32](repeating: CoreMix.none, count: limit + 1)
        before[0] = 0
        for (size, count) in zip(sizes, counts) {
            var row = before
            if count > 0 {
                for cpus in stride(from: size, through: limit, by: 1) {
                    for number in 1...min(count, cpus / size) where before[cpus - number * size] != CoreMix.none {
                        row[cpus] = min(row[cpus], before[cpus - number * size] + Int32(number))
                    }
                }
            }
            fewest.append(row)
            before = row
        }
    }

    /// The fewest cores that have just so many CPUs; nil where none do.
    func cores(_ cpus: Int) -> Int? {
        guard let row = fewest.last, row.indices.contains(cpus), row[cpus] != CoreMix.none else { return nil }
        return Int(row[cpus])
    }

    /// How many cores of each kind these are.
    func split(_ cpus: Int) -> [Int] {
        var rest = cpus
        var numbers = [Int](repeating: 0, count: sizes.count)
        for kind in sizes.indices.reversed() where rest > 0 && fewest[kind][rest] != CoreMix.none {
            guard kind > 0 else {
                numbers[0] = rest / sizes[0]
                break
            }
            let goal = fewest[kind][rest]
            for number in 0...rest / sizes[kind] {
                let before = fewest[kind - 1][rest - number * sizes[kind]]
                if before != CoreMix.none && before + Int32(number) == goal {
                    numbers[kind] = number
                    rest -= number * sizes[kind]
                    break
                }
            }
        }
        return numbers
    }
}
