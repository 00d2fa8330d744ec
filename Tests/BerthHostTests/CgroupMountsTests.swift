import BerthModel
import Testing

@testable import BerthHost

@Suite("Mounts of cgroup file systems") struct CgroupMountsTests {
    func discover(_ files: [String: String]) throws -> [CgroupMount] {
        CgroupMount.discover(try ComputeTree(files).reader())
    }

    @Test("are found in mountinfo, with the cgroup that each shows")
    func mountinfo() throws {
        let found = try discover([
            "proc/self/mountinfo": """
            22 27 0:21 / /proc rw - proc proc rw
            31 23 0:28 / /sys/fs/cgroup rw - tmpfs cgroup rw
            32 31 0:29 /docker/ab /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
            33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            41 23 0:38 / /mnt/my\\040groups rw shared:9 - cgroup2 cgroup2 rw,nsdelegate
            """,
            "proc/mounts": "cgroup2 /other cgroup2 rw 0 0",
        ])
        #expect(
            found == [
                CgroupMount(
                    kind: .v1(controllers: ["cpu", "cpuacct"], noPrefix: false), root: "/docker/ab",
                    point: "sys/fs/cgroup/cpu,cpuacct"),
                CgroupMount(kind: .v2, root: "/", point: "mnt/my groups"),
            ])
    }

    @Test("are found in the older tables, where cpusets may have no prefix")
    func mounts() throws {
        let found = try discover([
            "proc/mounts": """
            cgroup2 /dev/cgroup cgroup2 rw 0 0
            cpuset /dev/cpuset cgroup rw,relatime,cpuset,noprefix,release_agent=/sbin/x 0 0
            cpuset /old cpuset rw 0 0
            """
        ])
        #expect(
            found == [
                CgroupMount(kind: .v2, root: nil, point: "dev/cgroup"),
                CgroupMount(kind: .v1(controllers: ["cpuset"], noPrefix: true), root: nil, point: "dev/cpuset"),
                CgroupMount(kind: .v1(controllers: ["cpuset"], noPrefix: true), root: nil, point: "old"),
            ])
    }

    @Test(
        "that name no path are none", arguments: ["cgroup2 relative cgroup2 rw 0 0", "cgroup2 /a\\000b cgroup2 rw 0 0"])
    func absurd(line: String) throws { #expect(try discover(["proc/mounts": line]).isEmpty) }
}
