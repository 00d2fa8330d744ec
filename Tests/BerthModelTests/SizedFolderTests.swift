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

    private func receipt(_ status: Receipt.Status, _ reason: String? = nil, folders: (String, Int64)...) -> Receipt {
        var receipt = Receipt(Self.type, status: status, reason: reason)
        receipt.folders = folders.map { Receipt.Folder(name: $0, bytes: 4096, project: $1) }
        return receipt
    }

    @Test("are all that a receipt tells of, where nothing else is held")
    func alone() {
        #expect(told(Self.counted, []) == Self.counted)
        #expect(told(Self.counted, [folder("a", project: 7)]) == receipt(.enforced, folders: ("a", 7)))
        #expect(
            told(Self.counted, [folder("a", project: 7, doubt: "root")])
                == receipt(.advisory, "root", folders: ("a", 7)))
        #expect(told(Self.counted, [folder("a", doubt: "no quotas")]) == receipt(.unsupported, "no quotas"))
    }

    @Test("are held as the one that is held least, and each is named")
    func several() {
        let folders = [
            folder("a", project: 7), folder("b", doubt: "no quotas"), folder("c", project: 8, doubt: "root"),
        ]
        #expect(told(Self.counted, folders) == receipt(.unsupported, "no quotas", folders: ("a", 7), ("c", 8)))
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
    func joined() throws {
        var held = receipt(.enforced)
        held.devices = [try DeviceNode(parsing: "c 1:2")]
        var expected = receipt(.advisory, "root", folders: ("a", 7))
        expected.devices = held.devices
        #expect(told(held, [folder("a", project: 7, doubt: "root")]) == expected)
        (held.status, held.reason) = (.advisory, "a shared device")
        #expect(told(held, [folder("a", project: 7)])?.reason == "a shared device")
    }
}
