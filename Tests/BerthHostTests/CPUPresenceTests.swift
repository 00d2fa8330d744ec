import BerthModel
import Testing

@testable import BerthHost

@Suite("Which CPUs there are") struct CPUPresenceTests {
    static let folder = "sys/devices/system/cpu"

    func discover(_ files: [String: String]) throws -> CPUPresence {
        let reader = try ComputeTree(files).reader()
        return CPUPresence.discover(CPUFolders(reader), info: reader.contents("proc/cpuinfo").map(CPUInfo.init))
    }

    @Test("is what the kernel lists, not what its folders or /proc say")
    func lists() throws {
        let found = try discover([
            "\(Self.folder)/online": "0-1\n", "\(Self.folder)/present": "0-3\n", "\(Self.folder)/cpu7/online": "1\n",
            "proc/stat": "cpu9 1\n",
        ])
        #expect(found == CPUPresence(online: [0, 1], present: [0, 1, 2, 3]))
    }

    @Test("is what the folders say where an old kernel has no list; the boot CPU has no file")
    func folders() throws {
        let found = try discover([
            "\(Self.folder)/cpu0/": "", "\(Self.folder)/cpu1/online": "0\n", "\(Self.folder)/cpu2/online": "1\n",
            "\(Self.folder)/cpufreq/": "", "\(Self.folder)/cpu3x/": "", "\(Self.folder)/cpu99999999/": "",
            "\(Self.folder)/cpu10/topology/core_id": "0\n",
        ])
        #expect(found == CPUPresence(online: [0, 2, 10], present: [0, 1, 2, 10]))
    }

    @Test("leaves out what the list of offline CPUs names")
    func offline() throws {
        let found = try discover([
            "\(Self.folder)/cpu0/": "", "\(Self.folder)/cpu1/": "", "\(Self.folder)/offline": "1\n",
        ])
        #expect(found == CPUPresence(online: [0], present: [0, 1]))
    }

    @Test("is what /proc/stat lists where there is no sysfs")
    func stat() throws {
        let found = try discover(["proc/stat": "cpu  1 2\ncpu0 1\ncpu12 1\nintr 5\ncpu99999 1\ncpux 1\n"])
        #expect(found == CPUPresence(online: [0, 12], present: nil))
    }

    @Test("is what /proc/cpuinfo lists where there is nothing else")
    func cpuinfo() throws {
        #expect(try discover(["proc/cpuinfo": "processor: 0\nprocessor: 3\n"]).online == [0, 3])
    }

    @Test("has all that is online among what is present")
    func contradiction() throws {
        let found = try discover(["\(Self.folder)/online": "0-3", "\(Self.folder)/present": "0-1"])
        #expect(found.present == [0, 1, 2, 3])
    }

    @Test("is unknown, and noted, where the list is garbage", arguments: ["0-", "\u{0}\u{FFFD}", "99999"])
    func garbage(text: String) throws {
        let tree = try ComputeTree(["\(Self.folder)/online": text])
        let reader = try tree.reader()
        #expect(CPUPresence.discover(CPUFolders(reader), info: nil).online == nil)
        #expect(reader.problems.count == (text.trimmed.isEmpty ? 0 : 1))
    }

    @Test("is unknown in an empty tree, and nothing is wrong with that")
    func empty() throws {
        let reader = try ComputeTree([:]).reader()
        #expect(CPUPresence.discover(CPUFolders(reader), info: nil) == CPUPresence())
        #expect(reader.problems.isEmpty)
    }
}
