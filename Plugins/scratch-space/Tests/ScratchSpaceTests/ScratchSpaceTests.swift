import BerthJSON
import BerthPluginKit
import Glibc
import Testing

@testable import ScratchSpace

@Suite("Scratch space") final class ScratchSpaceTests {
    private static let type = "scratch.example/space"
    private let home: String

    init() throws {
        var template = Array("/tmp/scratch-space-XXXXXX".utf8CString)
        home = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in ["r", "s", "old"] { rmdir("\(home)/\(name)") }
        unlink("\(home)/full/file")
        rmdir("\(home)/full")
        rmdir(home)
    }

    private func started(
        _ configuration: JSONObject = ["size": "1MiB", "count": 2], held: [Allocation] = []
    ) throws -> ScratchSpace {
        var space = ScratchSpace()
        try space.start(
            Start(types: [Self.type], configuration: configuration, state: home, held: held, agent: AgentLine { _ in }))
        return space
    }

    private func allocation(_ units: [String], _ parameters: JSONObject = [:]) -> Allocation {
        Allocation(reservation: "r", type: Self.type, units: units, user: 1, parameters: parameters)
    }

    private func mode(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test("is a folder for each reservation, as large as its units, and gone when it is given back")
    func folder() throws {
        var space = try started()
        let provision = try space.allocate(allocation(["1", "2"]))
        #expect(provision == Provision(environment: ["SCRATCH": "\(home)/r"], quotas: ["r": 2 << 20]))
        #expect(mode(home) == 0o711)
        #expect(mode("\(home)/r") == 0o700)
        #expect(try space.allocate(allocation(["1"])).quotas == ["r": 1 << 20])
        try space.release("r")
        #expect(mode("\(home)/r") == nil)
        try space.release("r")
    }

    @Test("may be smaller than its units, and no larger")
    func smaller() throws {
        var space = try started()
        #expect(try space.allocate(allocation(["1"], ["size": "64KiB"])).quotas == ["r": 64 << 10])
        #expect(space.check(Ask(Self.type, amount: 1, parameters: ["size": "1MiB"])).isEmpty)
        #expect(space.check(Ask(Self.type, amount: 2, parameters: ["size": 2_097_152])).isEmpty)
        #expect(space.check(Ask(Self.type, amount: 1)).isEmpty)
        #expect(space.check(Ask(Self.type, amount: 1, parameters: ["size": "2MiB"])).map(\.pointer) == ["/size"])
        #expect(space.check(Ask(Self.type, amount: 1, parameters: ["seize": "1MiB"])).map(\.pointer) == ["/seize"])
    }

    @Test("that nobody holds is removed at the start; what is not empty stays")
    func leftovers() throws {
        for name in ["r", "old", "full"] { mkdir("\(home)/\(name)", 0o700) }
        close(creat("\(home)/full/file", 0o600))
        _ = try started(held: [allocation(["1"])])
        #expect(mode("\(home)/r") != nil)
        #expect(mode("\(home)/old") == nil)
        #expect(mode("\(home)/full/file") != nil)
    }

    @Test("that is held and there no more is failed")
    func shrunk() throws {
        let space = try started(held: [allocation(["3"])])
        #expect(space.discover().first?.units.map(\.state) == [.available, .available, .failed])
    }

    @Test(
        "has no size but a positive one, in bytes or a unit of them",
        arguments: ["", "GiB", "0", "-1GiB", "1GB", "1.5GiB", "1KiB", "9999999TiB", true, [:]] as [JSONValue])
    func sizes(text: JSONValue) { #expect(throws: Failure.self) { try Size.bytes(text) } }

    @Test("lies in no folder but its own", arguments: ["", ".", "..", "../r", "a/b"])
    func names(name: String) throws {
        var space = try started()
        #expect(throws: Failure.self) {
            try space.allocate(Allocation(reservation: name, type: Self.type, units: ["1"], user: 1))
        }
    }
}
