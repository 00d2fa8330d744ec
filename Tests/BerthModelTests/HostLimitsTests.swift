import BerthJSON
import BerthModel
import Testing

@Suite("The agent's own limits") struct HostLimitsTests {
    @Test("are told with who set each")
    func json() {
        let limits = Host.Limits(
            cgroup: .v2, group: "/a", groupFolder: "/sys/fs/cgroup/a", affinity: [0, 1],
            cpus: .init([0], by: "affinity"), cpuMillicores: .init(500, by: "/sys/fs/cgroup/a/cpu.max"),
            memory: .init(1024, by: "host"))
        let expected = """
            {"cgroup":"v2","group":"/a","group_folder":"/sys/fs/cgroup/a","affinity":"0-1","cpus":"0",\
            "cpu_millicores":500,"memory_bytes":1024,\
            "by":{"cpus":"affinity","cpu_millicores":"/sys/fs/cgroup/a/cpu.max","memory_bytes":"host"}}
            """
        #expect("\(limits.json)" == expected)
    }

    @Test("that are unknown have no key")
    func unknown() { #expect("\(Host.Limits().json)" == "{}") }
}
