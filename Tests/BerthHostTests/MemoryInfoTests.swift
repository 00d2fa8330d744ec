import BerthModel
import Testing

@testable import BerthHost

@Suite("meminfo") struct MemoryInfoTests {
    @Test("of the host is read in bytes")
    func host() {
        let info = MemoryInfo(
            """
            MemTotal:       132295672 kB
            MemFree:        127603440 kB
            MemAvailable:   1 kB
            SwapTotal:      0 kB
            SwapFree:       0 kB
            HugePages_Total:     513
            HugePages_Free:      512
            Hugepagesize:       2048 kB
            """)
        #expect(info.total == 132_295_672 * 1024)
        #expect(info.free == 127_603_440 * 1024)
        #expect(info.available == 1024)
        #expect(info.swapTotal == 0)
        #expect(info.hugePages == 513)
        #expect(info.hugePagesFree == 512)
        #expect(info.hugePageSize == 2 << 20)
    }

    @Test("of a NUMA node names the node in each line")
    func node() {
        let info = MemoryInfo("\nNode 4 MemTotal:       66846720 kB\nNode 4 HugePages_Total:     3\n\u{0}")
        #expect(info.total == 66_846_720 * 1024)
        #expect(info.hugePages == 3)
    }

    @Test(
        "with a number that cannot be is unknown",
        arguments: [
            "MemTotal: -1 kB", "MemTotal: x", "MemTotal:", "MemTotal: 9223372036854775807 kB", "Node MemTotal: 1",
        ])
    func absurd(text: String) { #expect(MemoryInfo(text).total == nil) }

    @Test("counts what comes first")
    func twice() { #expect(MemoryInfo("MemTotal: 1 kB\nMemTotal: 2 kB").total == 1024) }
}
