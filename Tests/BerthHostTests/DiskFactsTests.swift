import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("What disks are like now")
struct DiskFactsTests {
    private static let tree = "1 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"

    private func read(
        _ files: [String: String], mounts: String = tree, links: [String: String] = [:], disks: [String] = ["vda"]
    ) throws -> DiskFacts {
        let planted = try PlantedTree(["proc/1/mountinfo": mounts] + files, links: links)
        return DiskFacts.read(try planted.reader().root, disks: disks)
    }

    @Test("are weighed where io.cost is on, and that is unknown where its file is out of sight")
    func weighed() throws {
        let file = "sys/fs/cgroup/io.cost.qos"
        let on = try read([file: "254:0 enable=1 ctrl=auto\n8:0 enable=0 ctrl=auto\n"])
        #expect(on.weighed == [Host.DeviceNumber(major: 254, minor: 0)] && on.costFile == "/" + file)
        #expect(try read([file: "\n"]).weighed == [])
        #expect(try read([file: "odd\n"]).weighed == nil)
        #expect(try read([:]).weighed == nil)
    }

    @Test("are weighed by the tree wherever that is mounted")
    func unified() throws {
        let mounts =
            "1 0 0:41 / /run/other/cgroup/unified rw - cgroup2 c rw\n"
            + "2 0 0:41 / /sys/fs/cgroup/unified rw - cgroup2 c rw\n"
        let facts = try read(["sys/fs/cgroup/unified/io.cost.qos": "8:0 enable=1\n"], mounts: mounts)
        #expect(facts.weighs(Host.DeviceNumber(major: 8, minor: 0)))
        #expect(facts.costFile == "/sys/fs/cgroup/unified/io.cost.qos")
    }

    @Test("have a scheduler with weights of its own where that is bfq")
    func scheduler() throws {
        let queues = [
            "sys/class/block/sda/queue/scheduler": "none [bfq]\n",
            "sys/class/block/sdb/queue/scheduler": "[none] bfq\n",
            "sys/class/block/cciss!c0d0/queue/scheduler": "[bfq] none\n",
        ]
        #expect(try read(queues, disks: ["sda", "sdb", "sdc", "cciss/c0d0"]).bfq == ["sda", "cciss/c0d0"])
    }
}
