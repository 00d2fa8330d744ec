import BerthKernel
import BerthModel

@testable import BerthHost

/// Hosts made up for the doctor, and what it says of them.
enum DoctorHost {
    static let mount = "1 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"

    /// A host on which nothing is wrong: systemd, cgroup v2, every controller, a new kernel, root.
    static let sound =
        files(
            in: "sys/fs/cgroup",
            [
                "cgroup.controllers": "cpuset cpu io memory hugetlb pids", "cgroup.procs": "1", "io.cost.qos": "",
                "cgroup.subtree_control": "cpu memory pids",
            ]) + group("sys/fs/cgroup/system.slice") + [
            "proc/self/mountinfo": mount + "2 0 8:1 / / rw - ext4 /dev/sda1 rw\n",
            "proc/self/cgroup": "0::/system.slice\n", "proc/sys/kernel/osrelease": "6.12.9-amd64\n",
            "proc/self/status": "Uid:\t0\t0\t0\t0\n", "proc/self/oom_score_adj": "0\n",
            "proc/meminfo": "MemTotal: 8000000 kB\nSwapTotal: 1000000 kB\n",
            "sys/kernel/mm/lru_gen/enabled": "0x0000\n",
            "proc/pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", "run/systemd/system/x": "",
        ]

    /// A group as a new kernel makes it, with all controllers on.
    static func group(_ folder: String) -> [String: String] {
        let names = [
            "cgroup.procs", "cgroup.kill", "cgroup.freeze", "cpu.pressure", "memory.current", "memory.peak",
            "memory.reclaim", "memory.swap.max", "cpuset.cpus", "cpuset.cpus.partition", "cpuset.cpus.exclusive",
        ]
        return files(in: folder, Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
    }

    /// What the doctor says of a tree.
    static func diagnose(_ files: [String: String?], agent: AgentFacts? = nil) throws -> Diagnosis {
        let root = try PlantedTree(files.compactMapValues { $0 }).reader().root
        let host = Host.discover(root)
        return Diagnosis(host, DoctorFacts.discover(root, host, agent: agent), agent: agent)
    }

    /// The sound host with some files otherwise, or taken away.
    static func sound(but files: [String: String?]) -> [String: String?] {
        sound.mapValues { Optional($0) }.merging(files) { $1 }
    }
}

extension Diagnosis {
    /// The finding on something; nil where there is none.
    subscript(code: Finding.Code) -> Finding? { findings.first { $0.code == code } }

    /// What is wrong, by the words that programs know.
    var problems: [Finding.Code] { findings.filter { $0.level == .problem }.map(\.code) }
}
