import BerthHost
import BerthJSON
import BerthKernel
import BerthModel
import Foundation
import Testing

@Suite("A recording of a host")
struct HostRecorderTests {
    @Test("of this machine finds the same machine elsewhere")
    func roundTrip() throws {
        let root = try Root.live()
        let trace = ReadTrace()
        var host = Host.discover(root, trace: trace)
        let recorded = try RecordedHost(bytes: try HostRecorder.record(host, trace, root: root))
        var replayed = Host.discover(try recorded.root())
        withExtendedLifetime(recorded) {}
        // Only calls tell these two, and a recording has no calls.
        host.kernel.pageBytes = nil
        host.kernel.architecture = replayed.kernel.architecture
        host.problems = []
        replayed.problems = []
        #expect(host.json.withoutIdentities == replayed.json.withoutIdentities)
    }

    @Test("holds no MAC address, UUID, serial number, host name or value of the command line")
    func scrubbed() throws {
        let tree = try PlantedHost(
            files: [
                "proc/sys/kernel/hostname": "tango7\n", "proc/sys/kernel/osrelease": "6.1.0\n",
                "proc/cmdline": "root=UUID=3b7c6d1e-1111-2222-3333-444455556666 quiet secret=swordfish "
                    + #"dyndbg="file topsecret.c +p" token="my swordfish" isolcpus=1 -- --password hunter2"# + "\n",
                "proc/cpuinfo": "processor : 0\nmodel name : tango7 special\n",
                "proc/self/mountinfo": """
                22 1 8:1 / / rw - ext4 /dev/disk/by-uuid/3b7c6d1e-1111-2222-3333-444455556666 rw
                30 22 0:40 / /srv rw - nfs4 tango7:/export rw,clientaddr=10.0.0.1
                """,
                "sys/devices/pci0000:00/0000:00:01.0/block/sda/size": "2048\n",
                "sys/devices/pci0000:00/0000:00:01.0/block/sda/device/wwid": "naa.50014ee2b1234567\n",
                "sys/devices/virtual/block/dm-0/dm/uuid": "LVM-8dXyzSecretVolume\n",
                "sys/devices/virtual/block/dm-0/size": "1024\n",
                "sys/devices/pci0000:00/0000:00:02.0/net/enx0a1b2c3d4e5f/operstate": "up\n",
            ],
            links: [
                "sys/class/block/sda": "../../devices/pci0000:00/0000:00:01.0/block/sda",
                "sys/class/block/dm-0": "../../devices/virtual/block/dm-0",
                "sys/class/net/enx0a1b2c3d4e5f": "../../devices/pci0000:00/0000:00:02.0/net/enx0a1b2c3d4e5f",
                "sys/devices/pci0000:00/0000:00:02.0/net/enx0a1b2c3d4e5f/device": "../../../0000:00:02.0",
            ])
        let root = try tree.root()
        let trace = ReadTrace()
        let host = Host.discover(root, trace: trace)
        let recorded = try RecordedHost(bytes: try HostRecorder.record(host, trace, root: root))
        let secrets = [
            "tango7", "3b7c6d1e", "swordfish", "topsecret", "hunter2", "50014ee2b1234567", "8dXyzSecretVolume",
            "0a1b2c3d4e5f",
        ]
        let files = try recorded.files()
        #expect(files.count > 5)
        for (path, content) in files {
            let text = String(decoding: content, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret) && !path.contains(secret), "\(secret) in \(path)") }
        }
        let replayed = Host.discover(try recorded.root())
        withExtendedLifetime((tree, recorded)) {}
        #expect(replayed.storage.disks.map(\.name) == host.storage.disks.map(\.name))
        #expect(replayed.storage.volumes.map(\.kind) == host.storage.volumes.map(\.kind))
        #expect(replayed.network.nics.count == host.network.nics.count)
    }

    @Test(
        "has no host name in the names of groups either, and finds their limits all the same",
        arguments: [
            ("tango7", "system.slice/tango7-agent.service"),
            ("tango7.example.org", "tango7_slurmstepd.scope/tango7.example.org"),
            ("docker", "docker/abc"), ("system", "system.slice/a.service"), ("7", "user.slice/user-7.slice"),
            ("node1", "user.slice/node1.scope"),
        ])
    func groups(name: String, group: String) throws {
        let tree = try PlantedHost(files: [
            "proc/sys/kernel/hostname": "\(name)\n", "proc/self/cgroup": "0::/\(group)\n",
            "proc/self/mountinfo": "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "proc/meminfo": "MemTotal: 33554432 kB\n", "sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
            "sys/devices/system/node/node0/cpulist": "0\n", "sys/devices/system/node/node1/cpulist": "1\n",
            "sys/devices/system/node/online": "0-1\n", "sys/devices/system/cpu/online": "0-1\n",
            "sys/fs/cgroup/\(group)/memory.max": "1073741824\n", "sys/fs/cgroup/\(group)/cpu.max": "200000 100000\n",
        ])
        let root = try tree.root()
        let trace = ReadTrace()
        let host = Host.discover(root, trace: trace)
        let recorded = try RecordedHost(bytes: try HostRecorder.record(host, trace, root: root))
        let label = name.prefix { $0 != "." }
        if label.count > 1, label != "system", label != "node1" {
            for (path, content) in try recorded.files() {
                #expect(!path.contains(label) && !String(decoding: content, as: UTF8.self).contains(label), "\(path)")
            }
        }
        let replayed = Host.discover(try recorded.root())
        withExtendedLifetime((tree, recorded)) {}
        #expect(host.limits.memory?.value == 1 << 30 && replayed.limits.memory?.value == 1 << 30)
        #expect(replayed.limits.cpuMillicores?.value == 2000)
        #expect(replayed.numa.map(\.id) == [0, 1])
    }
}

/// A small tree of one's own, that goes with the value.
final class PlantedHost {
    let folder: URL

    init(files: [String: String], links: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-planted-\(UUID().uuidString)")
        for (path, text) in files { try Data(text.utf8).write(to: try place(path)) }
        for (path, target) in links {
            try FileManager.default.createSymbolicLink(atPath: try place(path).path, withDestinationPath: target)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func root() throws -> Root { try Root(folder: folder.path) }

    private func place(_ path: String) throws -> URL {
        let url = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return url
    }
}
