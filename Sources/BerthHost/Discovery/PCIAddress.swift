/// The place of a PCI function, whatever width its domain was written with.
package struct PCIAddress: Hashable, Sendable {
    package let domain: Int
    package let bus: Int
    package let device: Int
    package let function: Int

    package init(domain: Int, bus: Int, device: Int, function: Int) {
        self.domain = domain
        self.bus = bus
        self.device = device
        self.function = function
    }

    /// Reads `0000:06:00.0`; nil for anything else. Domains have four to eight digits (`10000:e1:00.0` behind VMD,
    /// `00000000:06:00.0` of NVIDIA's tools); old NVIDIA drivers write `0000:06.00.0`.
    ///
    /// A SCSI address, `4:0:0:0`, is none: the function follows a dot.
    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = halves.last else { return nil }
        let fields = halves.dropLast().flatMap { $0.split(separator: ":", omittingEmptySubsequences: false) }
        guard fields.count == 3, fields[0].utf8.count >= 4,
            let domain = PCIAddress.number(fields[0], digits: 8, below: 1 << 32),
            let bus = PCIAddress.number(fields[1], digits: 2, below: 1 << 8),
            let device = PCIAddress.number(fields[2], digits: 2, below: 1 << 5),
            let function = PCIAddress.number(last, digits: 1, below: 1 << 3)
        else { return nil }
        self.init(domain: domain, bus: bus, device: device, function: function)
    }

    /// Another function of the same device.
    package func with(function: Int) -> PCIAddress {
        PCIAddress(domain: domain, bus: bus, device: device, function: function)
    }

    /// Hexadecimal digits only: `Int` alone would also take a sign.
    private static func number(_ text: some StringProtocol, digits: Int, below limit: Int) -> Int? {
        guard !text.isEmpty, text.utf8.count <= digits, text.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let number = Int(text, radix: 16), number < limit
        else { return nil }
        return number
    }
}

extension PCIAddress: Comparable {
    package static func < (left: PCIAddress, right: PCIAddress) -> Bool {
        (left.domain, left.bus, left.device, left.function) < (right.domain, right.bus, right.device, right.function)
    }
}

extension PCIAddress: CustomStringConvertible {
    /// As the kernel writes it: `0000:06:00.0`.
    package var description: String {
        "\(hex(domain, digits: 4)):\(hex(bus, digits: 2)):\(hex(device, digits: 2)).\(function)"
    }
}

/// A number in hexadecimal with at least so many digits.
func hex(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
