/// A number of bytes for people: `62.8 GiB`. Rounded; documents and quantities are exact.
struct BinarySize: CustomStringConvertible {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    var description: String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var index = 0
        var divisor = 1
        while index + 1 < units.count, bytes / divisor >= 1024 {
            divisor <<= 10
            index += 1
        }
        guard index > 0 else { return "\(bytes) B" }
        let whole = bytes / divisor
        let tenths = (bytes % divisor) / (divisor / 10 + 1)
        return tenths == 0 ? "\(whole) \(units[index])" : "\(whole).\(tenths) \(units[index])"
    }
}
