import Testing

@testable import BerthHost

@Suite("/proc/cpuinfo") struct CPUInfoTests {
    @Test("of x86 gives each CPU's package and core, and the first name")
    func x86() {
        let info = CPUInfo(
            """
            processor	: 0
            vendor_id	: GenuineIntel
            model		: 62
            model name	: Intel(R) Xeon(R) CPU           L5640  @ 2.27GHz
            cpu MHz		: 1596.000
            physical id	: 1
            core id		: 8
            flags		: fpu lm

            processor	: 1
            model name	: another
            physical id	: 0
            core id		: 0

            """)
        #expect(
            info.rows == [.init(id: 0, package: 1, core: 8), .init(id: 1, package: 0, core: 0)])
        #expect(info.model == "Intel(R) Xeon(R) CPU L5640 @ 2.27GHz")
        #expect(info.architecture == "x86_64")
        #expect(info.isX86)
        #expect(info.clock == nil)
        #expect(info.machine == nil)
    }

    @Test("of ARM gives each core's part")
    func arm() {
        let info = CPUInfo(
            """
            processor	: 0
            CPU implementer	: 0x41
            CPU architecture: 8
            CPU part	: 0xd05

            processor	: 4
            CPU implementer	: 0x41
            CPU architecture: 8
            CPU part	: 0xd0b
            """)
        #expect(info.rows.map(\.part) == [0xD05, 0xD0B])
        #expect(info.rows.map(\.implementer) == [0x41, 0x41])
        #expect(info.rows.map(\.id) == [0, 4])
        #expect(info.architecture == "aarch64")
        #expect(info.model == "Arm Cortex-A55")
        #expect(!info.isX86)
    }

    @Test("of POWER gives processor, machine and clock")
    func power() {
        let info = CPUInfo(
            """
            processor	: 0
            cpu		: POWER7 (architected), altivec supported
            clock		: 3864.000000MHz
            revision	: 2.1 (pvr 003f 0201)

            timebase	: 512000000
            platform	: pSeries
            model		: IBM,9179-MHB
            machine		: CHRP IBM,9179-MHB
            """)
        #expect(info.model == "POWER7 (architected), altivec supported")
        #expect(info.machine == "CHRP IBM,9179-MHB")
        #expect(info.clock == 3_864_000_000)
        #expect(info.architecture == "ppc64")
    }

    @Test("of a mainframe names each CPU once, though it is listed twice")
    func mainframe() {
        let info = CPUInfo(
            """
            vendor_id       : IBM/S390
            # processors    : 2
            processor 0: version = 00,  identification = 279F25,  machine = 2817
            processor 1: version = 00,  identification = 279F25,  machine = 2817

            cpu number      : 0
            physical id     : 3
            core id         : 4
            cpu MHz static  : 5000

            cpu number      : 1
            physical id     : 5
            core id         : 6
            """)
        #expect(info.rows == [.init(id: 0, package: 3, core: 4), .init(id: 1, package: 5, core: 6)])
        #expect(info.model == "IBM z196 (2817)")
        #expect(info.architecture == "s390x")
        #expect(info.clock == 5_000_000_000)
        #expect(!info.isX86)
    }

    @Test(
        "of other machines gives what it names",
        arguments: [
            ("processor\t: 0\nisa\t: rv64imafdc\nuarch\t: sifive,u74-mc\n", "riscv64", "sifive,u74-mc"),
            ("processor\t: 0\nModel Name\t: Loongson-3A5000\n", "loongarch64", "Loongson-3A5000"),
            ("processor : 0\narch : IA-64\nfamily : Itanium 2\n", "ia64", "Itanium 2"),
            ("processor\t: 0\nvendor_id : GenuineIntel\nflags : fpu\n", "i686", nil),
            (
                "processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\nCPU architecture: 7\n", "arm",
                "ARMv7 Processor rev 4 (v7l)"
            ),
            ("", nil, nil), ("nonsense", nil, nil),
        ] as [(String, String?, String?)])
    func others(text: String, architecture: String?, model: String?) {
        let info = CPUInfo(text)
        #expect(info.architecture == architecture)
        #expect(info.model == model)
    }

    @Test(
        "with numbers that cannot be gives no CPU of them",
        arguments: [
            "processor : -1", "processor : 65536", "processor : 99999999999999999999", "processor :", "processor x: 1",
            "physical id : 3\ncore id : 4", "processor 99999999999999999999: machine = 1",
        ])
    func absurd(text: String) { #expect(CPUInfo(text).rows.isEmpty) }

    @Test("with a part that cannot be gives none", arguments: ["-0x1", "0x", "0x-1", "0xzz", "0xfffffffffffffffffff"])
    func absurdPart(part: String) {
        #expect(CPUInfo("processor : 0\nCPU part : \(part)").rows == [.init(id: 0)])
    }
}
