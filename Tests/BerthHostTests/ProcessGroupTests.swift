import BerthKernel
import Foundation
import Testing

@testable import BerthHost

private let place = "/pool-default/shared/r-00000000000a"
private let leaf = "/berth.slice/berth-workloads.scope" + place

@Suite("The group that a process is in")
struct ProcessGroupTests {
    @Test("is read from the line of version 2, whatever stands beside it")
    func reading() {
        let text = "12:memory:/user.slice\n1:name=systemd:/a\n0::/a b (deleted)/c\n"
        #expect(ProcessGroup(parsing: text)?.path == "/a b (deleted)/c")
        #expect(ProcessGroup(parsing: text)?.isRemoved == false)
        #expect(ProcessGroup(parsing: "0::/\n")?.path == "/")
        let removed = ProcessGroup(parsing: "0::\(leaf) (deleted)\n")
        #expect(removed?.path == leaf && removed?.isRemoved == true)
    }

    @Test("is not known without that line", arguments: ["", "\n", "0::", "0::a", "4:memory:/a\n", "10::/a\n"])
    func refusal(text: String) { #expect(ProcessGroup(parsing: text) == nil) }

    @Test(
        "is inside where it is the leaf or below it, from wherever the tree is seen",
        arguments: [leaf, "\(leaf)/below/further", place, "/docker/0d6c\(place)", "\(leaf) (deleted)"])
    func inside(path: String) throws {
        #expect(try #require(ProcessGroup(parsing: "0::\(path)\n")).isInside(place))
    }

    @Test(
        "is outside in any other",
        arguments: [
            "/", "/user.slice/user-1000.slice", "/../system.slice", "\(leaf)b", "/berth.slice/pool-default/shared",
            "/berth.slice/pool-default/r-00000000000a", "/x-pool-default/shared/r-00000000000a",
        ])
    func outside(path: String) throws {
        #expect(try #require(ProcessGroup(parsing: "0::\(path)\n")).isInside(place) == false)
    }

    @Test("is outside of a leaf only while the process lives, and an error where nobody can tell")
    func living() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["3600"]
        try child.run()
        defer { kill(child.processIdentifier, SIGKILL) }
        let process = try LiveProcess(child.processIdentifier, boot: "b")
        let file = "proc/\(child.processIdentifier)/cgroup"
        func isOutside(_ text: String?) throws -> Bool {
            let tree = try PlantedTree(text.map { [file: $0] } ?? [:], folders: ["proc"])
            return try ProcessGroup.isOutside(process, of: place, on: try Root(folder: tree.folder))
        }
        #expect(try isOutside("0::/user.slice\n"))
        #expect(try !isOutside("0::\(leaf)\n"))
        for unknown in [nil, "", "4:memory:/\n"] {
            #expect(throws: KernelError.self) { try isOutside(unknown) }
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        #expect(try !isOutside("0::/user.slice\n"))
        #expect(try !isOutside(nil))
    }
}
