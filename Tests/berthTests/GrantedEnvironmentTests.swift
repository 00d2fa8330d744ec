import BerthJSON
import BerthModel
import Testing

@testable import berth

@Suite("What a reservation gives a program")
struct GrantedEnvironmentTests {
    private func reservation(cpu: JSONValue, status: String = "unsupported") -> JSONValue {
        ["resources": ["cpu": cpu], "receipts": [["type": "cpu", "status": .string(status)]]]
    }

    @Test("is its environment, without what could load code or is no variable")
    func variables() {
        let names = [
            "BERTH_CPU", "CUDA_VISIBLE_DEVICES", "LD_PRELOAD", "PATH", "A=B", "", "lower", "PYTHONPATH", "1A",
            "BAD\u{0}",
        ]
        let env = JSONValue.object(JSONObject(names.map { ($0, .string("1")) } + [("NUL", "a\u{0}b"), ("NUMBER", 1)]))
        let given = GrantedEnvironment(["env": env])
        #expect(given.variables.map(\.name) == ["BERTH_CPU", "CUDA_VISIBLE_DEVICES"])
    }

    @Test(
        "goes over what is set where it is Berth's own or says which devices there are",
        arguments: [
            ("BERTH_GPUS", true), ("CUDA_VISIBLE_DEVICES", true), ("CUDA_DEVICE_ORDER", true),
            ("NVIDIA_VISIBLE_DEVICES", true), ("ROCR_VISIBLE_DEVICES", true), ("SEAT", false), ("CUDA_HOME", false),
            ("BERTH", false),
        ])
    func alwaysSet(name: String, isAlways: Bool) { #expect(GrantedEnvironment.isAlwaysSet(name) == isAlways) }

    @Test(
        "is a number of threads: the ceiling in whole CPUs, rounded up",
        arguments: [
            (["amount": 2, "limit": 2], "2"), (["amount": "250m", "limit": "250m"], "1"),
            (["amount": 1, "limit": "2.5"], "3"),
            (["amount": 4, "exclusive": true, "cpus": "0-3"], "4"),
        ] as [(JSONValue, String)])
    func threads(cpu: JSONValue, count: String) {
        #expect(GrantedEnvironment(reservation(cpu: cpu)).threads.map(\.value) == [count, count])
    }

    @Test(
        "is no number of threads without CPUs",
        arguments: [[:], ["resources": ["cpu": ["amount": "x"]]], []] as [JSONValue])
    func noThreads(document: JSONValue) { #expect(GrantedEnvironment(document).threads.isEmpty) }

    @Test("is CPUs to keep to, unless the kernel holds them")
    func cpus() {
        let cpu: JSONValue = ["amount": 2, "exclusive": true, "cpus": "2-3"]
        #expect(GrantedEnvironment(reservation(cpu: cpu)).unheldCPUs == [2, 3])
        #expect(GrantedEnvironment(reservation(cpu: cpu, status: "advisory")).unheldCPUs == [2, 3])
        #expect(GrantedEnvironment(reservation(cpu: cpu, status: "enforced")).unheldCPUs == nil)
        let cpuset: JSONValue = [
            "resources": ["cpu": cpu],
            "receipts": [["type": "cpu", "status": "advisory", "values": ["cpuset.cpus": "2-3"]]],
        ]
        #expect(GrantedEnvironment(cpuset).unheldCPUs == nil)
        for text in ["", "x", "99999999"] as [JSONValue] {
            #expect(GrantedEnvironment(reservation(cpu: ["cpus": text])).unheldCPUs == nil)
        }
        #expect(GrantedEnvironment(reservation(cpu: ["amount": 2])).unheldCPUs == nil)
    }

    @Test(
        "is what a client of containers must be told",
        arguments: [
            ("docker", true), ("/usr/bin/podman run x", true), ("dockerd", false), ("", false),
            ("sudo docker run x", true),
            ("env A=1 -i docker-compose up", true), ("sudo -E make docker", false), ("sh -c docker", false),
            ("timeout 10m docker run x", true), ("nice -n 5 timeout -k 1 5 podman run x", true), ("7z docker", false),
            ("taskset 0x3 nerdctl run x", true), ("timeout 5 make docker", false),
        ])
    func containers(words: String, isClient: Bool) {
        #expect((ContainerClient(words.split(separator: " ").map(String.init)) != nil) == isClient)
    }

    @Test("is told in the client's own options")
    func containerOptions() throws {
        let document: JSONValue = [
            "resources": [
                "cpu": ["amount": 1, "limit": .number(JSONNumber(1500, decimals: 3))],
                "memory": ["amount": 1024, "limit": 2048], "pids": ["amount": 5],
            ]
        ]
        let client = try #require(ContainerClient(["docker", "run", "x"]))
        #expect(client.warning(in: document).hasSuffix("docker run --cpus=1.5 --memory=2048b --pids-limit=5 …"))
        #expect(client.warning(in: ["resources": ["cpu": ["cpus": "0-1"]]]).hasSuffix("docker run --cpuset-cpus=0-1 …"))
        let more: JSONValue = [
            "resources": ["cpu": ["amount": 2], "storage": [["device": "vda", "write": 52_428_800, "read_iops": 10]]],
            "env": ["CUDA_VISIBLE_DEVICES": "GPU-1,GPU-2"],
        ]
        #expect(
            client.warning(in: more).hasSuffix(
                #"docker run --cpus=2 --device-write-bps=/dev/vda:52428800 --device-read-iops=/dev/vda:10 "#
                    + #"--gpus='"device=GPU-1,GPU-2"' …"#))
        for words in [["docker", "compose", "up"], ["docker-compose", "up"]] {
            let compose = try #require(ContainerClient(words))
            #expect(
                compose.warning(in: document).hasSuffix("{cpus: 1.5, mem_limit: 2048b, pids_limit: 5}"))
        }
    }
}
