import BerthModel
import Testing

@testable import BerthHost

@Suite("Kinds of CPU") struct CPUKindsTests {
    func discover(
        _ files: [String: [Int: String]], cpus: Int, tree: [String: String] = [:], info: String? = nil
    ) throws -> CPUKinds {
        let reader = try ComputeTree(ComputeTree.cpus(files) + tree).reader()
        let online = CPUSet(0..<cpus)
        let info = info.map(CPUInfo.init)
        let rows = CPURows.discover(CPUFolders(reader), online: online, info: info, nodes: [])
        return CPUKinds.discover(CPUFolders(reader), online: online, rows: rows, info: info)
    }

    @Test("are what the performance counters of a hybrid machine say")
    func declared() throws {
        let found = try discover(
            ["cpufreq/cpuinfo_max_freq": [0: "5000000", 1: "5000000", 2: "5000000", 3: "5000000"]], cpus: 4,
            tree: [
                "sys/devices/cpu_core/cpus": "0-1\n", "sys/devices/cpu_atom/cpus": "2,9\n",
                "sys/devices/cpu_lowpower/cpus": "3\n",
            ])
        #expect(found.kinds.map(\.name) == ["performance", "efficient", "low_power"])
        #expect(found.kinds.map(\.cpus) == [[0, 1], [2], [3]])
        #expect(found.frequency.maximum == 5_000_000_000)
    }

    @Test("are three where some that are counted as efficient have no L3 cache, which sit on a die of their own")
    func lowPower() throws {
        let l3 = "cache/index3/level"
        let found = try discover(
            [
                l3: [0: "3", 1: "3"], "cache/index3/shared_cpu_list": [0: "0-1", 1: "0-1"],
                "cpufreq/cpuinfo_max_freq": [0: "5000000", 1: "3800000", 2: "2500000"],
            ], cpus: 3,
            tree: ["sys/devices/cpu_core/cpus": "0\n", "sys/devices/cpu_atom/cpus": "1-2\n"])
        #expect(found.kinds.map(\.name) == ["performance", "efficient", "low_power"])
        #expect(found.kinds.map(\.frequency.maximum) == [5_000_000_000, 3_800_000_000, 2_500_000_000])
    }

    @Test("are one where only one counter has CPUs")
    func oneDeclared() throws {
        let found = try discover(
            [:], cpus: 2, tree: ["sys/devices/cpu_core/cpus": "0-1\n", "sys/devices/cpu_atom/cpus": "\n"])
        #expect(found.kinds.isEmpty)
    }

    @Test("are two where five capacities lie close together in two groups")
    func capacities() throws {
        let found = try discover(
            ["cpu_capacity": [0: "718", 1: "731", 2: "997", 3: "1017", 4: "1024"]], cpus: 5)
        #expect(found.kinds.map(\.cpus) == [[2, 3, 4], [0, 1]])
        #expect(found.kinds.map(\.name) == ["performance", "efficient"])
        #expect(found.kinds.map(\.capacity) == [1024, 731])
    }

    @Test("of a telephone are three, named by their parts")
    func parts() throws {
        let part = { (cpu: Int, part: String) in
            "processor: \(cpu)\nCPU implementer: 0x41\nCPU architecture: 8\nCPU part: \(part)\n"
        }
        let info = part(0, "0xd05") + part(1, "0xd0d") + part(2, "0xd0d")
        let found = try discover(["cpu_capacity": [0: "250", 1: "870", 2: "1024"]], cpus: 3, info: info)
        #expect(found.kinds.map(\.cpus) == [[2], [1], [0]])
        #expect(found.kinds.map(\.name) == ["performance", "medium", "efficient"])
        #expect(found.kinds.map(\.model) == ["Arm Cortex-A77", "Arm Cortex-A77", "Arm Cortex-A55"])
    }

    @Test("with different parts but nothing that ranks them are numbered")
    func unranked() throws {
        let info = """
            processor: 0\nCPU implementer: 0x41\nCPU part: 0xd05\n
            processor: 1\nCPU implementer: 0x41\nCPU part: 0xd0b\n
            """
        let found = try discover([:], cpus: 2, info: info)
        #expect(found.kinds.map(\.name) == ["kind_1", "kind_2"])
        #expect(try discover([:], cpus: 3, info: info).kinds.isEmpty, "the part of CPU 2 is unknown")
    }

    @Test("are told by the top clock where nothing else does, favoured cores aside")
    func clocks() throws {
        let found = try discover(
            [
                "topology/core_cpus_list": [0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3", 4: "4", 5: "5"],
                "cpufreq/cpuinfo_max_freq": [0: "5000000", 2: "5200000", 4: "3900000", 5: "3900000"],
                "cpufreq/cpuinfo_min_freq": [0: "400000", 2: "400000", 4: "300000"],
                "cpufreq/base_frequency": [0: "1900000", 4: "1400000"],
            ], cpus: 6)
        #expect(found.kinds.map(\.cpus) == [[0, 1, 2, 3], [4, 5]])
        #expect(found.kinds.map(\.name) == ["performance", "efficient"])
        #expect(found.kinds[0].frequency == .init(minimum: 400_000_000, base: 1_900_000_000, maximum: 5_200_000_000))
        #expect(found.frequency == .init(minimum: 300_000_000, base: 1_900_000_000, maximum: 5_200_000_000))
    }

    @Test("are told by the base clock only of cores that also share differently")
    func baseClocks() throws {
        let bases = ["cpufreq/base_frequency": [0: "1900000", 1: "1900000", 2: "1400000", 3: "1400000"]]
        #expect(try discover(bases, cpus: 4).kinds.isEmpty)
        let threads = ["topology/core_cpus_list": [0: "0-1", 1: "0-1", 2: "2", 3: "3"]]
        let found = try discover(bases.merging(threads) { $1 }, cpus: 4)
        #expect(found.kinds.map(\.cpus) == [[0, 1], [2, 3]])
        #expect(try discover(threads, cpus: 4).kinds.isEmpty, "a lost thread alone makes no kind")
    }

    @Test("are one on a server, however far its clock goes")
    func uniform() throws {
        let found = try discover(
            ["cpufreq/cpuinfo_max_freq": [0: "2300000", 1: "2300000"], "cpufreq/cpuinfo_min_freq": [0: "800000"]],
            cpus: 2)
        #expect(found.kinds.isEmpty)
        #expect(found.frequency == .init(minimum: 800_000_000, maximum: 2_300_000_000))
    }

    @Test("have no clock where the file says none that can be", arguments: ["0", "-1", "9223372036854775807", "x"])
    func absurd(text: String) throws {
        let found = try discover(
            ["cpufreq/cpuinfo_max_freq": [0: text], "acpi_cppc/nominal_freq": [0: text], "cpu_capacity": [0: text]],
            cpus: 1)
        #expect(found.frequency == .init())
        #expect(found.kinds.isEmpty)
    }

    @Test("have the nominal clock of the firmware as base where the driver tells none")
    func nominal() throws {
        #expect(try discover(["acpi_cppc/nominal_freq": [0: "2400"]], cpus: 1).frequency.base == 2_400_000_000)
    }
}
