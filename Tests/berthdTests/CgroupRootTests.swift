import Glibc
import Testing

@testable import berthd

@Suite("--cgroup-root")
struct CgroupRootTests {
    @Test("none enforces nothing and says so")
    func none() {
        #expect(CgroupRoot(option: "none", hostRoot: nil) == .none(reason: "the agent runs with --cgroup-root none"))
    }

    @Test(
        "on a recorded host nothing is enforced, whatever else was given", arguments: [nil, "none", "/sys/fs/cgroup/a"])
    func recorded(option: String?) {
        #expect(
            CgroupRoot(option: option, hostRoot: "/tmp/host")
                == .none(reason: "the agent runs on a recorded host, with --host-root"))
    }

    @Test("a folder is worked in")
    func folder() {
        #expect(CgroupRoot(option: "/sys/fs/cgroup/a", hostRoot: nil) == .folder("/sys/fs/cgroup/a"))
    }

    @Test("without it the service manager makes a scope: the host's for root, else the user's own")
    func scope() {
        let scope = CgroupRoot(option: nil, hostRoot: nil, isUnified: true)
        #expect(scope == .scope(geteuid() == 0 ? .system : .user))
    }

    @Test("on a host without cgroup v2 there nothing is enforced, and no scope is asked for that would hold nothing")
    func legacy() {
        let none = CgroupRoot(option: nil, hostRoot: nil, isUnified: false)
        guard case .none(let reason) = none else {
            Issue.record("\(none)")
            return
        }
        #expect(reason.contains("systemd.unified_cgroup_hierarchy=1"))
        #expect(CgroupRoot(option: "/a", hostRoot: nil, isUnified: false) == .folder("/a"))
    }
}
