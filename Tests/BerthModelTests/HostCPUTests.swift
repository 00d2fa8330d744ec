import BerthJSON
import BerthModel
import Testing

@Suite("The host's processors") struct HostCPUTests {
    /// Two packages of one core with two threads; the second package has lost a thread.
    static let cpu = Host.CPU(
        architecture: "x86_64", online: [0, 1, 2], present: [0, 1, 2, 3],
        logical: [
            .init(id: 0, package: 0, core: 0, l2: 0, node: 0), .init(id: 1, package: 1, core: 1, l2: 1, node: 1),
            .init(id: 2, package: 0, core: 0, l2: 0, node: 0),
        ])

    @Test("are grouped by what they share")
    func sets() {
        #expect(HostCPUTests.cpu.sets(\.core) == [[0, 2], [1]])
        #expect(HostCPUTests.cpu.sets(\.package) == [[0, 2], [1]])
        #expect(HostCPUTests.cpu.sets(\.l3) == nil)
        #expect(HostCPUTests.cpu.offline == [3])
        #expect(Host.CPU(online: [0]).offline == nil)
    }

    @Test("with absurd numbers of groups make no endless list")
    func absurd() {
        let cpu = Host.CPU(logical: [.init(id: 0, core: -1, l3: .max), .init(id: 1, core: 0, l3: .min)])
        #expect(cpu.sets(\.core) == [[1]])
        #expect(cpu.sets(\.l3) == nil)
    }

    @Test("are told as counts, lists, and sets of what is shared")
    func json() {
        let expected = """
            {"architecture":"x86_64","online":3,"online_list":"0-2","present":4,"present_list":"0-3",\
            "offline_list":"3","packages":2,"cores":2,"l2_caches":2,"kinds":[],\
            "topology":{"packages":["0,2","1"],"cores":["0,2","1"],"l2":["0,2","1"]}}
            """
        #expect("\(HostCPUTests.cpu.json)" == expected)
    }

    @Test("have no key for what is unknown")
    func unknown() { #expect("\(Host.CPU().json)" == #"{"kinds":[]}"#) }

    @Test("of several kinds are told with the clock and capacity of each")
    func kinds() {
        let fast = Host.CPU.Kind(
            name: "performance", cpus: [0, 1], model: "Arm Cortex-X1", capacity: 1024,
            frequency: .init(minimum: 1, base: 2, maximum: 3))
        let cpu = Host.CPU(
            isolated: [], isolationFlags: ["nohz", "domain"], kinds: [fast, .init(name: "efficient", cpus: [2])],
            frequency: .init(maximum: 3))
        let expected = """
            {"isolated_list":"","isolation_flags":["nohz","domain"],"frequency_hz":{"max":3},\
            "kinds":[{"name":"performance","cpus":"0-1","model":"Arm Cortex-X1","capacity":1024,\
            "frequency_hz":{"min":1,"base":2,"max":3}},{"name":"efficient","cpus":"2"}]}
            """
        #expect("\(cpu.json)" == expected)
    }
}
