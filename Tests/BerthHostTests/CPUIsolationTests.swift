import BerthModel
import Testing

@testable import BerthHost

@Suite("Isolated CPUs") struct CPUIsolationTests {
    func discover(_ files: [String: String]) throws -> CPUIsolation {
        CPUIsolation.discover(try ComputeTree(files).reader())
    }

    @Test("are what the kernel lists, and the command line says how")
    func sysfs() throws {
        let found = try discover([
            "sys/devices/system/cpu/isolated": "1,2-7,9\n", "proc/cmdline": "quiet isolcpus=domain,managed_irq,1-3 ro",
        ])
        #expect(found == CPUIsolation(cpus: [1, 2, 3, 4, 5, 6, 7, 9], flags: ["domain", "managed_irq"]))
        #expect(try discover(["sys/devices/system/cpu/isolated": "\n"]) == CPUIsolation(cpus: []))
    }

    @Test(
        "are on the command line of an old kernel",
        arguments: [
            ("root=/dev/sda isolcpus=1-2,5", [1, 2, 5], ["domain"]),
            ("isolcpus=nohz,domain,3", [3], ["nohz", "domain"]),
            ("isolcpus=nohz,1-3", [], ["nohz"]), ("isolcpus=1 isolcpus=2", [2], ["domain"]),
            ("isolcpus=\"1,2\"", [1, 2], ["domain"]), ("quiet", [], []), ("", [], []), ("xisolcpus=1", [], []),
            ("isolcpus=0-7:1/4", [0, 4], ["domain"]), ("isolcpus=", [], ["domain"]),
            ("isolcpus=2-N", [2, 3], ["domain"]), ("isolcpus=all", [0, 1, 2, 3], ["domain"]),
        ] as [(String, [Int], [String])])
    func commandLine(text: String, cpus: [Int], flags: [String]) throws {
        let found = try discover(["proc/cmdline": text, "sys/devices/system/cpu/possible": "0-3"])
        #expect(found == CPUIsolation(cpus: CPUSet(cpus), flags: flags))
    }

    @Test("are unknown where nothing says, or what says it is garbage")
    func unknown() throws {
        #expect(try discover([:]) == CPUIsolation())
        let reader = try ComputeTree(["proc/cmdline": "isolcpus=1-"]).reader()
        #expect(CPUIsolation.discover(reader).cpus == nil)
        #expect(reader.problems.count == 1)
    }
}
