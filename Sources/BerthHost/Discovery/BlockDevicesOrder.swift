/// Sorts names of devices as people do: `sda2` before `sda10`, `sdz` before `sdaa`, `eth2` before `eth10`.
struct DeviceOrder: Comparable {
    private enum Part: Equatable {
        case number(Int)
        case text(String)
    }

    private let parts: [Part]
    /// The name itself.
    let name: String

    init(_ name: String) {
        self.name = name
        var parts: [Part] = []
        var rest = name.utf8[...]
        while let first = rest.first {
            let isDigit = DeviceOrder.isDigit(first)
            let run = rest.prefix { DeviceOrder.isDigit($0) == isDigit }
            rest = rest[run.endIndex...]
            let text = String(decoding: run, as: UTF8.self)
            parts.append(isDigit ? .number(Int(text) ?? .max) : .text(text))
        }
        self.parts = parts
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func == (left: DeviceOrder, right: DeviceOrder) -> Bool { left.name == right.name }

    static func < (left: DeviceOrder, right: DeviceOrder) -> Bool {
        for (one, other) in zip(left.parts, right.parts) where one != other {
            switch (one, other) {
            case (.number(let one), .number(let other)): return one < other
            case (.number, .text): return true
            case (.text, .number): return false
            case (.text(let one), .text(let other)):
                // Letters count as digits of base 26 behind a driver's prefix of two or more.
                let share = one.utf8.count >= 3 && other.utf8.count >= 3 && one.prefix(2) == other.prefix(2)
                return share && one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
            }
        }
        return left.parts.count != right.parts.count ? left.parts.count < right.parts.count : left.name < right.name
    }
}

extension Array {
    /// Sorted by a name as people do: `sda2` before `sda10`.
    func inDeviceOrder(by name: (Element) -> String) -> [Element] {
        map { (DeviceOrder(name($0)), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
