/// What `/proc/meminfo`, or `meminfo` of a NUMA node, says, in bytes.
struct MemoryInfo: Equatable {
    private(set) var total: Int?
    private(set) var free: Int?
    private(set) var available: Int?
    private(set) var swapTotal: Int?
    private(set) var swapFree: Int?
    /// Huge pages of the default size.
    private(set) var hugePages: Int?
    private(set) var hugePagesFree: Int?
    /// The default size of a huge page.
    private(set) var hugePageSize: Int?

    /// Reads lines such as `MemTotal:  16066184 kB` and `Node 4 MemTotal: 66846720 kB`. A number that does not fit is
    /// unknown.
    init(_ text: String) {
        var info = MemoryInfo()
        text.forEachField { key, value in
            // All keys but those of huge page counts are in kB, whatever the page size.
            guard let number = value.leadingInteger else { return }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: 1024)
            let name = key.extracting(droppingFirst: key.nodePrefix)
            if name.equals("HugePages_Total") {
                info.hugePages = info.hugePages ?? number
            } else if name.equals("HugePages_Free") {
                info.hugePagesFree = info.hugePagesFree ?? number
            } else if !overflow, let field = MemoryInfo.field(name), info[keyPath: field] == nil {
                info[keyPath: field] = bytes
            }
        }
        self = info
    }

    private static func field(_ name: Span<UInt8>) -> WritableKeyPath<MemoryInfo, Int?>? {
        if name.equals("MemTotal") { return \.total }
        if name.equals("MemFree") { return \.free }
        if name.equals("MemAvailable") { return \.available }
        if name.equals("SwapTotal") { return \.swapTotal }
        if name.equals("SwapFree") { return \.swapFree }
        if name.equals("Hugepagesize") { return \.hugePageSize }
        return nil
    }
}

extension MemoryInfo {
    private init() {}
}

extension Span<UInt8> {
    /// The length of `Node 4 `, 0 where there is none.
    fileprivate var nodePrefix: Int {
        guard starts(with: "Node ") else { return 0 }
        return extracting(droppingFirst: 5).firstIndex(of: UInt8(ascii: " ")).map { 5 + $0 + 1 } ?? 0
    }
}
