internal import BerthModel

extension Host.HugePages {
    /// Huge pages of each size, smallest first.
    /// - Parameters:
    ///   - folder: `sys/kernel/mm/hugepages`, or `hugepages` of a NUMA node
    ///   - counts: what `meminfo` of the same place says of pages of the default size; used where there is no folder
    ///   - defaultSize: their size in bytes
    static func discover(
        _ reader: HostReader, in folder: String, counts: MemoryInfo?, defaultSize: Int?
    ) -> [Host.HugePages] {
        let sizes = reader.names(folder).compactMap { name in size(of: name) }.sorted()
        let pages: [Host.HugePages] = sizes.compactMap { size in
            let place = "\(folder)/hugepages-\(size)kB"
            guard let count = reader.count("\(place)/nr_hugepages") else { return nil }
            return Host.HugePages(sizeKiB: size, count: count, free: reader.count("\(place)/free_hugepages"))
        }
        guard pages.isEmpty, let count = counts?.hugePages, let defaultSize, defaultSize >= 1024 else { return pages }
        return [Host.HugePages(sizeKiB: defaultSize / 1024, count: count, free: counts?.hugePagesFree)]
    }

    /// 2048 of `hugepages-2048kB`.
    private static func size(of name: String) -> Int? {
        guard name.hasPrefix("hugepages-"), name.hasSuffix("kB") else { return nil }
        let digits = name.dropFirst("hugepages-".utf8.count).dropLast(2)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(digits)
    }
}
