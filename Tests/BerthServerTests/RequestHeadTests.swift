import HTTPTypes
import NIOHTTP1
import Testing

@testable import BerthServer

@Suite("Heads of requests") struct RequestHeadTests {
    @Test(
        "have a path, however the target is written",
        arguments: [
            ("/v1/health", "/v1/health"), ("/", "/"), ("http://x/v1?a=b", "/v1?a=b"), ("http://x", "/"),
            ("http://x?a", "/?a"),
            ("https://x:1/y", "/y"), ("http://", "/"), ("http:///", "/"),
        ])
    func path(uri: String, path: String) {
        #expect(HTTPRequest(HTTPRequestHead(version: .http1_1, method: .GET, uri: uri))?.path == path)
    }

    @Test("other targets are none", arguments: ["*", "", "v1/health", "x:80", "averyverylongscheme://x/", "?a"])
    func none(uri: String) {
        #expect(HTTPRequest(HTTPRequestHead(version: .http1_1, method: .OPTIONS, uri: uri)) == nil)
    }

    @Test("keep the fields that calls read, whatever the case of their names, and no others")
    func fields() throws {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/",
            headers: ["HOST": "x", "Content-TYPE": "a", "idempotency-KEY": "k", "last-event-id": "7", "cookie": "c"])
        let request = try #require(HTTPRequest(head))
        #expect(request.headerFields.count == 3)
        #expect(request.headerFields[.contentType] == "a")
        #expect(request.headerFields[try #require(.idempotencyKey)] == "k")
        #expect(request.headerFields[try #require(.lastEventID)] == "7")
    }
}
