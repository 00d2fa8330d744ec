internal import BerthModel

extension Host.Limits {
    /// Memory and swap.
    mutating func readMemory(_ trees: CgroupTrees, _ reader: HostReader, nodes: [Host.NUMANode], total: Int?) {
        let folders = trees.v2?.folders ?? []
        let old = Host.Limits.charged(trees.v1["memory"]?.folders ?? [], reader)
        memory = [
            total.map { Bound($0, by: "host") }, memoryOfNodes(nodes),
            CgroupLimit.smallest(folders, ["memory.max"], reader),
            CgroupLimit.smallest(old, ["memory.limit_in_bytes"], reader),
        ].compactMap { $0 }.min { $0.value < $1.value }
        let high = CgroupLimit.smallest(folders, ["memory.high"], reader)
        memoryHigh = high.flatMap { high in memory.map { high.value < $0.value } ?? true ? high : nil }
        let swaps = old.compactMap { Host.Limits.swap(in: $0, reader) }
        swap = CgroupLimit.smallest(folders, ["memory.swap.max"], reader) ?? swaps.min { $0.value < $1.value }
    }

    /// The memory of the nodes that are left, where that is not all of them.
    private func memoryOfNodes(_ nodes: [Host.NUMANode]) -> Bound<Int>? {
        guard let memoryNodes else { return nil }
        let allowed = nodes.filter { memoryNodes.value.contains($0.id) }
        guard nodes.contains(where: { $0.memory != 0 && !memoryNodes.value.contains($0.id) }) else { return nil }
        return allowed.map(\.memory).sum.map { Bound($0, by: memoryNodes.by) }
    }

    /// The folders of version 1 up to the last whose limit counts: a child is not charged to a parent that has
    /// `memory.use_hierarchy` off.
    private static func charged(_ folders: [String], _ reader: HostReader) -> [String] {
        guard let own = folders.first else { return [] }
        return [own] + folders.dropFirst().prefix { reader.integer("\($0)/memory.use_hierarchy") != 0 }
    }

    /// Version 1 limits memory and swap together.
    private static func swap(in folder: String, _ reader: HostReader) -> Bound<Int>? {
        let file = "\(folder)/memory.memsw.limit_in_bytes"
        guard let both = CgroupLimit.read(file, reader),
            let memory = CgroupLimit.read("\(folder)/memory.limit_in_bytes", reader)
        else { return nil }
        return Bound(max(0, both - memory), by: "/\(file)")
    }
}
