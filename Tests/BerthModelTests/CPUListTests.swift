import BerthModel
import Testing

@Suite("A list of CPUs") struct CPUListTests {
    @Test(
        "is read as the kernel writes it",
        arguments: [
            ("", []), ("\n", []), ("0\n", [0]), ("0-3,8,10-11\n", [0, 1, 2, 3, 8, 10, 11]), ("5,1,5", [1, 5]),
            ("0-1\n\u{0}\u{0}", [0, 1]), (" 7 ", [7]), ("0-9:2/4", [0, 1, 4, 5, 8, 9]), ("0-3:0/2", []),
            ("65535", [65_535]), ("007", [7]),
        ] as [(String, [Int])])
    func list(text: String, members: [Int]) throws {
        #expect(Array(try CPUSet(parsing: text)) == members)
    }

    @Test(
        "of anything else is refused",
        arguments: [
            ",", "1,", ",1", "1,,2", "-1", "3-1", "1-", "-", "a", "0x1", "+1", "1 2", "1-2-3", "65536", "0-65536",
            "99999999999999999999", "0:1/2", "0-3:1", "0-3:1/0", "0-3:3/2", "0-3:1/2/3", "\u{0}1\u{0}2", "١",
            "1\u{301}",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUSet(parsing: text) } }

    @Test("that names all CPUs over and over is refused at once")
    func repetition() {
        let text = repeatElement("0-65535", count: 60_000).joined(separator: ",")
        #expect(throws: ParseError.self) { try CPUSet(parsing: text) }
        #expect(throws: ParseError.self) { try CPUSet(parsing: String(repeating: "1,", count: 1 << 23)) }
    }

    @Test("of every second CPU there can be is read")
    func longest() throws {
        let all = CPUSet(stride(from: 0, to: CPUSet.capacity, by: 2))
        #expect(try CPUSet(parsing: all.description) == all)
    }

    @Test(
        "is printed with runs",
        arguments: [([], ""), ([4], "4"), ([0, 1], "0-1"), ([3, 1, 2, 9, 11, 12], "1-3,9,11-12")] as [([Int], String)])
    func printing(members: [Int], text: String) { #expect(CPUSet(members).description == text) }
}

@Suite("A mask of CPUs") struct CPUMaskTests {
    @Test(
        "is read as the kernel writes it",
        arguments: [
            ("00000000,0000000f\n", [0, 1, 2, 3]), ("1,00000000", [32]), ("ff", [0, 1, 2, 3, 4, 5, 6, 7]),
            ("0", []), ("80000000,00000001,00000000", [32, 95]), ("0000000F\n\u{0}", [0, 1, 2, 3]),
            ("0x00000003", [0, 1]),
        ] as [(String, [Int])])
    func mask(text: String, members: [Int]) throws {
        #expect(Array(try CPUSet(parsingMask: text)) == members)
    }

    @Test(
        "of anything else is refused",
        arguments: ["", "\n", ",", "g", "-1", "+1", "100000000", "1,,2", "0x", "1 2", "0-3"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUSet(parsingMask: text) } }

    @Test("of more CPUs than there can be is refused")
    func tooLong() {
        let groups = repeatElement("00000000", count: CPUSet.capacity / 32)
        #expect(throws: Never.self) { try CPUSet(parsingMask: groups.joined(separator: ",")) }
        #expect(throws: ParseError.self) { try CPUSet(parsingMask: "1," + groups.joined(separator: ",")) }
        #expect(throws: ParseError.self) { try CPUSet(parsingMask: String(repeating: ",", count: 1 << 24)) }
    }
}
