package import BerthModel

extension Capacity {
    /// A host that is made up: `cpu=96,memory=384GiB,gpu=8,numa=2`. Nothing of it is kept back, GPUs and memory are
    /// divided among its NUMA nodes, and every CPU is a core.
    /// - Throws: ``ParseError`` where the text is no such list
    package init(made text: some StringProtocol) throws(ParseError) {
        let expected = "a host such as cpu=96,memory=384GiB,gpu=8,numa=2, where cpu and memory must stand"
        var parts: [Substring: Substring] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = Substring(part).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, ["cpu", "memory", "gpu", "numa"].contains(halves[0]),
                parts.updateValue(halves[1], forKey: halves[0]) == nil
            else { throw ParseError(part, expected: expected) }
        }
        guard let cpu = parts["cpu"], let memory = parts["memory"] else { throw ParseError(text, expected: expected) }
        let cpus = try Capacity.count(cpu, 1...4096, of: "CPUs")
        let nodes = try Capacity.count(parts["numa"] ?? "1", 1...min(cpus, 64), of: "NUMA nodes")
        let gpus = try Capacity.count(parts["gpu"] ?? "0", 0...1024, of: "GPUs")
        let bytes = try Measure.bytes.quantity(parsing: memory)
        let places = (0..<cpus).map { cpu in
            let node = cpu * nodes / cpus
            return CPUTopology.Place(cpu: cpu, core: cpu, l3: node, die: node, package: node, node: node)
        }
        do {
            self.init(
                topology: try CPUTopology(places), cpu: Quantity(Int64(cpus) * 1000), memory: bytes,
                nodeMemory: Dictionary(
                    uniqueKeysWithValues: (0..<nodes).map { ($0, Quantity(bytes.units / Int64(nodes))) }),
                gpus: (0..<gpus).map { gpu in
                    Capacity.Unit(name: "gpu\(gpu)", capacity: ResourceType.gpu.whole, node: gpu * nodes / gpus)
                })
        } catch {
            throw ParseError(text, expected: expected)
        }
    }

    private static func count(
        _ text: Substring, _ range: ClosedRange<Int>, of what: String
    ) throws(ParseError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ParseError(text, expected: "a number of \(what) from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
