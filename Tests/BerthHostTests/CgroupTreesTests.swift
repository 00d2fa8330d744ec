import BerthModel
import Testing

@testable import BerthHost

@Suite("The trees of cgroups") struct CgroupTreesTests {
    func discover(_ files: [String: String]) throws -> CgroupTrees {
        CgroupTrees.discover(try ComputeTree(files).reader())
    }

    static let v2 = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    static let v1 = "32 23 0:29 / /cg/memory rw - cgroup cgroup rw,memory\n"
    static let named = "33 23 0:30 / /cg/systemd rw - cgroup cgroup rw,name=systemd\n"

    @Test(
        "are of version 1, 2, or both; a named tree without controllers does not count",
        arguments: [
            (v2, .v2), (v1, .v1), (v1 + v2, .hybrid), (v2 + named, .v2), (named, nil), ("", nil),
        ] as [(String, Host.Limits.CgroupMode?)])
    func mode(mountinfo: String, mode: Host.Limits.CgroupMode?) throws {
        #expect(try discover(["proc/self/mountinfo": mountinfo]).mode == mode)
    }

    @Test("have the group of the tree that is shown")
    func group() throws {
        let trees = try discover([
            "proc/self/mountinfo": Self.v1 + Self.v2, "proc/self/cgroup": "2:memory:/job\n0::/user.slice\n",
        ])
        #expect(trees.group == "/user.slice")
        #expect(trees.folder == "sys/fs/cgroup/user.slice")
        #expect(trees.v1["memory"]?.folders == ["cg/memory/job", "cg/memory"])
        #expect(trees.v1["cpu"] == nil)
        let old = try discover(["proc/self/mountinfo": Self.v1, "proc/self/cgroup": "2:memory:/job\n"])
        #expect(old.group == "/job")
        #expect(old.folder == "cg/memory/job")
    }

    @Test("take the path of the cpuset controller where no file tells the cgroup")
    func cpusetFile() throws {
        let trees = try discover(["proc/self/mountinfo": Self.v2, "proc/self/cpuset": "/uid/job\n"])
        #expect(trees.v2?.folders == ["sys/fs/cgroup/uid/job", "sys/fs/cgroup/uid", "sys/fs/cgroup"])
        #expect(trees.group == "/uid/job")
        let cpuset = "34 23 0:31 / /cpuset rw - cgroup cgroup rw,cpuset\n"
        let hybrid = try discover(["proc/self/mountinfo": Self.v2 + cpuset, "proc/self/cpuset": "/uid/job\n"])
        #expect(hybrid.v2?.folders == ["sys/fs/cgroup"], "the controller is in the other tree")
        #expect(hybrid.v1["cpuset"]?.folders == ["cpuset/uid/job", "cpuset/uid", "cpuset"])
    }

    @Test(
        "are looked for at the usual places where no table of mounts tells",
        arguments: [
            ("sys/fs/cgroup/cgroup.controllers", .v2), ("sys/fs/cgroup/cpuset/cpuset.cpus", .v1),
            ("dev/cpuset/cpus", .v1), ("sys/fs/cgroup/memory/memory.limit_in_bytes", .v1),
        ] as [(String, Host.Limits.CgroupMode)])
    func usual(file: String, mode: Host.Limits.CgroupMode) throws {
        #expect(try discover([file: ""]).mode == mode)
    }
}
