import BerthModel
import Testing

@testable import BerthServer

@Suite("Dates of HTTP") struct HTTPDateTests {
    @Test(
        "are IMF-fixdates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400_000, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] as [(Int64, String)])
    func text(milliseconds: Int64, text: String) {
        #expect(HTTPDate.text(Timestamp(milliseconds: milliseconds)) == text)
    }
}
