internal import BerthModel

/// How many requests of the commonest shapes a host can still take: rows of them are placed, as they may come, until the next
/// does not fit.
///
/// The rows are drawn by how common the shapes are, always the same ones, so that choices are compared by the same future.
struct Outlook {
    /// So many rows, of so many requests. More rows tell better, and cost more.
    private static let (mostRows, length) = (32, 30)
    /// So many nodes and GPUs may be looked at for one choice; on a host that is too large for one row there is no outlook.
    private static let budget = 20_000

    private let shapes: [Shape]
    private let rows: [[Int]]

    /// - Parameters:
    ///   - shapes: the commonest; those that fit nowhere now are passed over
    ///   - nodes: the host as it is now
    init(_ shapes: [Shape], on nodes: [HostRest.Node]) {
        let shapes = shapes.filter { shape in shape.weight > 0 && nodes.contains { $0.fits(shape) } }
        self.shapes = shapes
        let size = nodes.reduce(nodes.count) { $0 + $1.gpus.count } * Outlook.length
        let count = shapes.isEmpty || size == 0 ? 0 : min(Outlook.mostRows, Outlook.budget / size)
        let sum = UInt64(shapes.reduce(0) { $0 + min($1.weight, 1 << 32) })
        var numbers = Numbers()
        rows = (0..<count).map { _ in
            (0..<Outlook.length).map { _ in
                var left = numbers.next() % sum
                for (index, shape) in shapes.enumerated() {
                    let weight = UInt64(min(shape.weight, 1 << 32))
                    if left < weight { return index }
                    left -= weight
                }
                return 0
            }
        }
    }

    /// How many of the rows' requests fit on these nodes, in all rows together.
    func placed(on nodes: [HostRest.Node]) -> Int64 {
        var placed: Int64 = 0
        for row in rows {
            var left = nodes
            for index in row {
                guard Outlook.place(shapes[index], on: &left) else { break }
                placed += 1
            }
        }
        return placed
    }

    /// Takes a shape's part of the fullest GPU or node that has room for it.
    private static func place(_ shape: Shape, on nodes: inout [HostRest.Node]) -> Bool {
        var best: (node: Int, room: Int64, rest: Int64)?
        for index in nodes.indices {
            guard let room = nodes[index].leastRoom(for: shape) else { continue }
            let rest = nodes[index].cpus
            if best.map({ (room, rest) < ($0.room, $0.rest) }) ?? true { best = (index, room, rest) }
        }
        guard let best else { return false }
        nodes[best.node].take(shape, room: best.room)
        return true
    }

    /// The same numbers each time (splitmix64).
    private struct Numbers {
        private var state: UInt64 = 7

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}

extension HostRest.Node {
    /// How full the GPU would be taken from, or all that is left of GPUs where none is wanted; nil where the shape does not
    /// fit.
    fileprivate func leastRoom(for shape: Shape) -> Int64? {
        guard shape.cpus <= cpus, shape.memory <= memory else { return nil }
        guard shape.gpu > 0 else { return gpus.reduce(0, +) }
        let part = shape.gpuPart
        var (count, least) = (0, Int64.max)
        for room in gpus where room >= part {
            count += 1
            least = min(least, room)
        }
        return count >= shape.gpuCount ? least : nil
    }

    fileprivate mutating func take(_ shape: Shape, room: Int64) {
        cpus -= shape.cpus
        memory -= shape.memory
        var missing = shape.gpuCount
        for index in gpus.indices where missing > 0 && gpus[index] == room {
            gpus[index] -= shape.gpuPart
            missing -= 1
        }
    }
}
