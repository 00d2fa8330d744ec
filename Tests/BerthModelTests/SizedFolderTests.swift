import BerthModel
import Testing

@Suite("Folders with a size, in receipts") struct SizedFolderTests {
    private static let type = ResourceType("a.b/c") ?? .gpu
    private static let counted = Receipt(type, status: .unsupported, reason: "counted only")

    private func told(_ receipt: Receipt, _ folders: [SizedFolder]) -> Receipt? {
        [Receipt(.cpu, status: .enforced), receipt].telling(of: [Self.type: Provision(folders: folders)]).last
    }

    private func folder(_ name: String, project: Int64? = nil, doubt: String? = nil) -> SizedFolder {
        SizedFolder(home: "/h", name: name, bytes: 4096, project: project, doubt: doubt)
    }

    @Test("are all that a receipt tells of, where nothing else is held")
    func alone() {
        let values = ["quota": "4096 bytes, project 7"]
        #expect(told(Self.counted, []) == Self.counted)
        #expect(told(Self.counted, [folder("a", project: 7)]) == Receipt(Self.type, status: .enforced, values: values))
        #expect(
            told(Self.counted, [folder("a", project: 7, doubt: "root")])
                == Receipt(Self.type, status: .advisory, reason: "root", values: values))
        #expect(
            told(Self.counted, [folder("a", doubt: "no quotas")])
                == Receipt(Self.type, status: .unsupported, reason: "no quotas"))
    }

    @Test("are held as the one that is held least, and each is named")
    func several() {
        let folders = [
            folder("a", project: 7), folder("b", doubt: "no quotas"), folder("c", project: 8, doubt: "root"),
        ]
        #expect(
            told(Self.counted, folders)
                == Receipt(
                    Self.type, status: .unsupported, reason: "no quotas",
                    values: ["quota a": "4096 bytes, project 7", "quota c": "4096 bytes, project 8"]))
    }

    @Test("tell the same again, and then of what has become of them")
    func again() throws {
        let firsts = [
            folder("a", project: 7, doubt: "root"), folder("a", doubt: "no quotas"), folder("a", project: 7),
        ]
        for first in firsts {
            let once = try #require(told(Self.counted, [first]))
            #expect(told(once, [first]) == once)
            let second = folder("a", project: 9, doubt: "other")
            #expect(told(once, [second]) == told(Self.counted, [second]))
        }
    }

    @Test("join what else is held for the type, as far as that is held least")
    func joined() {
        let held = Receipt(Self.type, status: .enforced, values: ["devices": "c 1:2"])
        #expect(
            told(held, [folder("a", project: 7, doubt: "root")])
                == Receipt(
                    Self.type, status: .advisory, reason: "root",
                    values: ["devices": "c 1:2", "quota": "4096 bytes, project 7"]))
        var worse = held
        (worse.status, worse.reason) = (.unsupported, "no BPF")
        #expect(told(worse, [folder("a", project: 7)])?.reason == "no BPF")
    }
}
