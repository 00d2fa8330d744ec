import BerthModel
import Testing

@testable import BerthHost

@Suite("A CPU quota") struct CPUQuotaTests {
    @Test(
        "is read in thousandths of a CPU",
        arguments: [("max 100000", nil), ("50000 100000", 500), ("1 3", 333), ("100000 50000", 2000)]
            as [(String, Int?)])
    func read(text: String, millicores: Int?) throws {
        #expect(try CPUQuota(parsing: text).millicores == millicores)
    }

    @Test(
        "is refused where it is none",
        arguments: [
            "", "max", "max 0", "max -1", "-1 100000", "0 100000", "1 0", "1 2 3", "x 1", "9223372036854775807 1",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUQuota(parsing: text) } }

    @Test("of version 1 is none at -1 and refused below that, at 0, and without a period")
    func version1() throws {
        #expect(try CPUQuota(quota: -1, period: 100_000).millicores == nil)
        #expect(try CPUQuota(quota: 50_000, period: 100_000).millicores == 500)
        for (quota, period) in [(-2, 1), (0, 1), (1, 0), (1, -1), (.max, 1), (.min, .min)] {
            #expect(throws: ParseError.self) { try CPUQuota(quota: quota, period: period) }
        }
    }
}
