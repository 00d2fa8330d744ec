import BerthKernel
import BerthModel
import Testing

@Suite("cgroup.events")
struct CgroupEventsTests {
    @Test(
        "is read and printed back the same",
        arguments: [
            ("populated 1\nfrozen 0", CgroupEvents(populated: true, frozen: false)),
            ("populated 0\nfrozen 1", CgroupEvents(populated: false, frozen: true)),
            ("populated 1", CgroupEvents(populated: true, frozen: nil)),
        ])
    func roundTrip(text: String, value: CgroupEvents) throws {
        let read = try CgroupEvents(parsing: text + "\n")
        #expect(read == value && read.description == text)
    }

    @Test("a key of a newer kernel is no trouble")
    func newer() throws { #expect(try CgroupEvents(parsing: "populated 1\nfrozen 0\nnew 7").populated) }

    @Test("anything else is refused", arguments: ["", "frozen 0", "populated 2", "populated 1\nfrozen 2", "populated"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CgroupEvents(parsing: text) } }
}
