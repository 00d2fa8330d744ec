import BerthKernel
import BerthModel
import Testing

@Suite("cpu.weight")
struct CPUWeightTests {
    @Test("is read and printed back the same", arguments: ["1", "100", "10000"])
    func roundTrip(text: String) throws { #expect(try CPUWeight(parsing: text + "\n").description == text) }

    @Test("anything else is refused", arguments: ["", "0", "10001", "-1", "+1", "1 2", "max", "99999999999999999999"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUWeight(parsing: text) } }

    @Test(
        "is a tenth of the millicores, within what the kernel takes",
        arguments: [
            (1000, 100), (250, 25), (19, 1), (9, 1), (0, 1), (-5, 1), (100_000, 10_000), (100_010, 10_000),
            (Int.max, 10_000), (Int.min, 1),
        ])
    func millicores(millicores: Int, weight: Int) {
        #expect(CPUWeight.of(millicores: millicores) == CPUWeight(weight))
    }
}
