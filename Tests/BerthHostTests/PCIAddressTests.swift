import BerthHost
import Testing

@Suite("A PCI address")
struct PCIAddressTests {
    @Test(
        "is read whatever width its domain has, and printed as the kernel does",
        arguments: [
            ("0000:06:00.0", "0000:06:00.0"), ("00000000:06:00.0", "0000:06:00.0"), ("10000:E1:1f.7", "10000:e1:1f.7"),
            ("0000:01.00.0", "0000:01:00.0"),
        ])
    func reading(text: String, printed: String) {
        #expect(PCIAddress(text)?.description == printed)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ".", "0000:06:00", "4:0:0:0", "06:00.0", "0000:06:20.0", "0000:06:00.8", "0000:106:00.0",
            "0000:+6:00.0",
            "000000000:06:00.0", "0000:06:00.0.0", "0000:06:00.", "pci0000:00", "0000:06:-1.0", "0000::00.0",
            "\u{FFFD}:06:00.0",
        ])
    func refusal(text: String) {
        #expect(PCIAddress(text) == nil)
    }

    @Test("sorts by domain first, then by number and not by text")
    func order() {
        let sorted = ["10000:00:00.0", "0000:0a:00.0", "0000:09:00.1", "0000:09:00.0"].compactMap { PCIAddress($0) }
            .sorted()
        #expect(
            sorted.map(\.description) == ["0000:09:00.0", "0000:09:00.1", "0000:0a:00.0", "10000:00:00.0"])
    }
}
