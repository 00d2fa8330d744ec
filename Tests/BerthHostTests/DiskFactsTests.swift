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

    @Test("are told with what is mounted from them and writes back in nobody's name, each once")
    func unaccounted() throws {
        let mounts =
            DiskFactsTests.tree + "2 0 254:0 / / rw - ext4 /dev/vda rw\n3 2 254:1 / /data rw - vfat /dev/vda1 rw\n"
            + "4 2 254:1 / /again rw - vfat /dev/vda1 rw\n5 2 254:16 / /b rw - ntfs3 /dev/vdb rw\n"
        let block = "../../devices/block"
        let links = [
            "sys/class/block/vda": "\(block)/vda", "sys/class/block/vda1": "\(block)/vda/vda1",
            "sys/dev/block/254:1": "\(block)/vda/vda1", "sys/class/block/vdb": "\(block)/vdb",
            "sys/dev/block/254:16": "\(block)/vdb",
        ]
        let files = ["sys/devices/block/vda/vda1/partition": "1\n", "sys/devices/block/vdb/dev": "254:16\n"]
        let facts = try read(files, mounts: mounts, links: links)
        #expect(facts.unaccounted == ["vda": ["/data (vfat)"]])
        #expect(try read(files, mounts: DiskFactsTests.tree, links: links).unaccounted == [:])
        #expect(try read(files, mounts: "", links: links).unaccounted == nil)
        let pool = mounts + "6 2 0:50 / /tank rw - zfs tank rw\n"
        let both = try read(files, mounts: pool, links: links, disks: ["vda", "vdb"]).unaccounted
        #expect(both == ["vda": ["/data (vfat)", "/tank (zfs)"], "vdb": ["/b (ntfs3)", "/tank (zfs)"]])
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
