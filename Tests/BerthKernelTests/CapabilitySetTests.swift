import BerthKernel
import BerthModel
import Testing

@Suite("A set of capabilities")
struct CapabilitySetTests {
    @Test(
        "is read as /proc writes it and told by name",
        arguments: [
            ("0000000000000000", "none"), ("0000000000000001", "chown"), ("0000000000200020", "kill sys_admin"),
            ("000001c000000000", "perfmon bpf checkpoint_restore"), ("8000000000000000", "63"),
        ])
    func reading(text: String, names: String) throws { #expect(try CapabilitySet(parsing: text).description == names) }

    @Test(
        "anything else is refused", arguments: ["", "0x1", "-1", "+1", "g", "1 2", "1ffffffffffffffff"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CapabilitySet(parsing: text) } }

    @Test("knows the names of linux/capability.h by their numbers")
    func numbers() {
        #expect(CapabilitySet(["setpcap", "sys_ptrace", "bpf"]).bits == 1 << 8 | 1 << 19 | 1 << 39)
        #expect(CapabilitySet(["no such"]).isEmpty)
    }

    @Test("is told what another one has not")
    func difference() {
        let all = CapabilitySet(["chown", "kill"])
        #expect(all.subtracting(CapabilitySet(["kill", "bpf"])) == CapabilitySet(["chown"]))
        #expect(all.union(CapabilitySet(["bpf"])).names == ["chown", "kill", "bpf"])
    }
}
