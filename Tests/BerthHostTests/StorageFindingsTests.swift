import Testing

@testable import BerthHost

@Suite("What the doctor says of disks")
struct StorageFindingsTests {
    private static let disks = ["sys/class/block/sda/dev": "8:0\n", "sys/class/block/sda/size": "2048\n"]

    private func diagnose(_ files: [String: String]) throws -> Diagnosis {
        try DoctorHost.diagnose(DoctorHost.sound(but: (StorageFindingsTests.disks + files).mapValues { Optional($0) }))
    }

    @Test("is what gives weights an effect, and its price")
    func weights() throws {
        let off = try #require(try diagnose([:])[.ioWeight])
        #expect(off.level == .note && off.mend.first?.contains("8:0 enable=1") == true)
        #expect(off.consequence?.contains("every program") == true)
        let on = try diagnose(["sys/fs/cgroup/io.cost.qos": "8:0 enable=1 ctrl=auto\n"])
        #expect(on[.ioWeight]?.level == .ok)
        let switchedOff = try diagnose(["sys/fs/cgroup/io.cost.qos": "8:0 enable=0 ctrl=auto\n"])
        #expect(switchedOff[.ioWeight]?.level == .note)
    }

    @Test("names the file systems that write back in nobody's name")
    func writeback() throws {
        let mounts =
            DoctorHost.mount + "2 0 8:1 / / rw - ext4 /dev/sda1 rw\n3 2 8:2 / /pool rw - bcachefs /dev/sda2 rw\n"
        let found = try #require(try diagnose(["proc/self/mountinfo": mounts])[.cgroupWriteback])
        #expect(found.level == .note && found.found.hasSuffix(": /pool (bcachefs)"))
    }
}
