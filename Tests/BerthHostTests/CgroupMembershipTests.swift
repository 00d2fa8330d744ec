import BerthModel
import Testing

@testable import BerthHost

@Suite("The agent's own cgroups") struct CgroupMembershipTests {
    @Test("are read for each tree, a removed one under its name")
    func all() throws {
        let reader = try ComputeTree([
            "proc/self/cgroup": """
            9:name=systemd:/
            7:cpu,cpuacct:/user:slice
            3:cpuset:/x (deleted)
            0::/a/b

            """,
            "proc/self/cpuset": "/x\n",
        ]).reader()
        let found = CgroupMembership.discover(reader)
        #expect(found.v2 == "/a/b")
        #expect(found.v1 == ["name=systemd": "/", "cpu": "/user:slice", "cpuacct": "/user:slice", "cpuset": "/x"])
        #expect(found.cpuset == "/x")
    }

    @Test(
        "are unknown where the file is garbage",
        arguments: ["", "0:", "::", "1::/a", "0::relative", "0::/a\u{0}b", "x"])
    func garbage(text: String) throws {
        #expect(CgroupMembership.discover(try ComputeTree(["proc/self/cgroup": text]).reader()).v2 == nil)
    }
}
