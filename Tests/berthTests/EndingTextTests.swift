import BerthJSON
import Testing

@testable import berth

@Suite("Why a reservation ended") struct EndingTextTests {
    @Test(
        "is told with the figures that help next time",
        arguments: [
            (
                #"{"reason":"out_of_memory","resources":{"memory":{"amount":67108864,"limit":100663296}},"#
                    + #""usage":{"memory_peak_bytes":100597760}}"#,
                "it used more memory than it has (limit 96 MiB, peak 95.9 MiB)"
            ),
            (
                #"{"reason":"out_of_memory","resources":{"memory":{"amount":67108864}}}"#,
                "it used more memory than it has (limit 64 MiB)"
            ),
            (#"{"reason":"out_of_memory"}"#, "it used more memory than it has"),
            (#"{"reason":"lease","lease":"10m"}"#, "its lease is over (10m)"),
            (#"{"reason":"released","lease":"10m"}"#, "it was released"),
            (#"{"reason":"brand_new"}"#, "brand_new"), ("{}", "the agent does not say why"),
        ])
    func clause(document: String, text: String) throws {
        #expect(EndingText.clause(of: try JSONValue(parsing: document)) == text)
    }
}
