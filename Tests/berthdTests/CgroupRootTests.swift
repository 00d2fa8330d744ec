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
    func scope() { #expect(CgroupRoot(option: nil, hostRoot: nil) == .scope(geteuid() == 0 ? .system : .user)) }
}
