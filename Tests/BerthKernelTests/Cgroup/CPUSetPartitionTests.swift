import BerthKernel
import BerthModel
import Testing

@Suite("cpuset.cpus.partition")
struct CPUSetPartitionTests {
    @Test(
        "is read and printed back the same",
        arguments: [
            ("member", CPUSetPartition(.member)), ("root", CPUSetPartition(.root)),
            ("isolated", CPUSetPartition(.isolated)), ("root invalid", CPUSetPartition(.root, invalidReason: "")),
            (
                "root invalid (Parent is not a partition root)",
                CPUSetPartition(.root, invalidReason: "Parent is not a partition root")
            ),
            ("isolated invalid (a (b))", CPUSetPartition(.isolated, invalidReason: "a (b)")),
        ])
    func roundTrip(text: String, value: CPUSetPartition) throws {
        let read = try CPUSetPartition(parsing: text + "\n")
        #expect(read == value && read.description == text)
        #expect(read.isValid == !text.contains("invalid"))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "Root", "roots", "member invalid", "root valid", "root invalid ()", "root invalid (", "root invalid )",
            "root invalid x", "root  invalid", "root invalid (a)\nroot", "root (Parent is not a partition root)",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUSetPartition(parsing: text) } }
}
