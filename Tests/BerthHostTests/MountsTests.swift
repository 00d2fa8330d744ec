import BerthModel
import Testing

@testable import BerthHost

@Suite("A table of mounts")
struct MountsTests {
    @Test("of mountinfo is read, optional fields or not")
    func mountinfo() throws {
        let line = "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:2 - ext3 /dev/root\\134x rw,errors=continue"
        let mount = try #require(Mounts.parse(mountinfo: line[...]))
        #expect(
            mount
                == Mount(
                    number: Host.DeviceNumber(major: 98, minor: 0), root: "/mnt1", mountPoint: "/mnt 2",
                    options: ["rw", "noatime", "errors=continue"], type: "ext3", source: "/dev/root\\x"))
        #expect(Mounts.parse(mountinfo: "22 27 0:21 / /proc rw - proc proc rw")?.type == "proc")
    }

    @Test("may have a source that is empty")
    func emptySource() {
        let mount = Mounts.parse(mountinfo: "31 23 0:28 / /run rw,relatime - tmpfs  rw,mode=755")
        #expect(mount?.source == "")
        #expect(mount?.options.contains("mode=755") == true)
    }

    @Test(
        "that is cut or wrong is refused",
        arguments: [
            "", "36 35 98:0 / /", "36 35 98 / / rw - ext3 /dev/root rw", "36 35 98:0 / / rw ext3 /dev/root rw a",
            "36 35 98:0 / / rw a b -", "36 35 -1:0 / / rw - ext3 /dev/root rw", "36 35 4096:0 / / rw - ext3 x rw",
        ])
    func refusal(line: String) {
        #expect(Mounts.parse(mountinfo: line[...]) == nil)
    }

    @Test(
        "has names with octal digits, and a backslash may stand alone",
        arguments: [
            ("a\\040b", "a b"), ("\\011\\012\\134\\043", "\t\n\\#"), ("a\\", "a\\"), ("\\04", "\\04"),
            ("\\777", "\\777"), ("\\303\\251", "é"), ("\\08x", "\\08x"), ("\\377", "\u{FFFD}"),
        ])
    func octal(text: String, name: String) {
        #expect(Mounts.unescape(text[...]) == name)
    }

    @Test("prints names as it reads them", arguments: ["/", "/a b", "/tab\there", "/new\nline", "/back\\slash", "/#é"])
    func roundTrip(name: String) {
        let escaped = Mounts.escape(name)
        #expect(!escaped.contains(" ") && !escaped.contains("\n"))
        #expect(Mounts.unescape(escaped[...]) == name)
    }

    @Test("is that of process 1 first, then one's own, then /proc/mounts")
    func sources() throws {
        let one = "1 0 8:1 / /one rw - ext4 /dev/sda1 rw\n"
        let own = "1 0 8:1 / /self rw - ext4 /dev/sda1 rw\n"
        let files = [
            "proc/1/mountinfo": one, "proc/self/mountinfo": own, "proc/mounts": "/dev/sda1 /old ext4 rw 0 0\n",
        ]
        let all = try PlantedTree(files).reader()
        #expect(Mounts.ofHost(all).map(\.mountPoint) == ["/one"])
        #expect(Mounts.own(all).map(\.mountPoint) == ["/self"])
        #expect(Mounts.ofHost(try PlantedTree(["proc/mounts": "/dev/sda1 /old ext4 rw 0 0\nx\n"]).reader()).count == 1)
        let broken = try PlantedTree(files + ["proc/1/mountinfo": "rubbish\n\u{0}\n"]).reader()
        #expect(Mounts.ofHost(broken).map(\.mountPoint) == ["/self"])
        #expect(broken.problems.count == 1)
    }
}
