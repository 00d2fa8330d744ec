import BerthModel
import Testing

@testable import BerthHost

@Suite("A limit of a cgroup") struct CgroupLimitTests {
    @Test(
        "is a number, or none where the kernel writes max or the largest there is",
        arguments: [
            ("max", nil), ("0", 0), ("4096", 4096), ("9223372036854771712", nil), ("9223372036854710272", nil),
            ("9223372036854775807", nil), ("18446744073709551615", nil),
            ("4611686018427387903", 4_611_686_018_427_387_903),
        ] as [(String, Int?)])
    func read(text: String, limit: Int?) throws { #expect(try CgroupLimit.parse(text) == limit) }

    @Test("is refused where it is neither", arguments: ["", "-1", "x", "1 2", "18446744073709551616", "MAX"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CgroupLimit.parse(text) } }
}
