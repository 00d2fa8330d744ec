import Support
import Testing

@testable import berth

/// Reads an answer in pieces of a size, and closes at its end.
private func read(_ text: String, piece: Int = .max, close: Bool = true) throws(HTTPResponseError) -> HTTPResponse {
    var response = HTTPResponse(mostBody: 1000)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        try response.receive(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
    }
    if close { try response.close() }
    return response
}

@Suite("An HTTP answer")
struct HTTPResponseTests {
    static let answers: [(text: String, status: Int, body: String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 201 \r\ncontent-length:0\r\n\r\n", 201, ""),
        ("HTTP/1.1 200\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        ("HTTP/1.0 200 OK\nA: b\n\nto the end", 200, "to the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (
            "HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}",
            409, "{}"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6 ; a=b\r\n world\r\n0\r\nT: x\r\n\r\n",
            200, "hello world"
        ),
    ]

    @Test("is read however it is cut", arguments: answers, [1, 2, 3, 7, Int.max])
    func cuts(answer: (text: String, status: Int, body: String), piece: Int) throws {
        var response = try read(answer.text, piece: piece)
        #expect(response.isComplete && response.status == answer.status)
        #expect(String(decoding: response.takeBody(), as: UTF8.self) == answer.body)
    }

    @Test("has its fields by their names in lower case, without the blanks around their values")
    func fields() throws {
        let response = try read("HTTP/1.1 200 OK\r\nBerth-Epoch: \t a b \r\nX:\r\nContent-Length: 0\r\n\r\n")
        #expect(response.headers["berth-epoch"] == "a b" && response.headers["x"] == "")
    }

    @Test(
        "is refused where it is none",
        arguments: [
            "HTTP/2 200 OK\r\n\r\n", "200 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 99 OK\r\n\r\n",
            "HTTP/1.1 600 \r\n\r\n",
            "HTTP/1.1 20٣ OK\r\n\r\n", "HTTP/1.1 101 Go\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : x\r\n\r\n", "HTTP/1.1 200 OK\r\nA: x\r\n folded: y\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: \u{1B}[2J\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", "",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        ])
    func refusal(text: String) {
        for piece in [1, Int.max] { #expect(throws: HTTPResponseError.self) { try read(text, piece: piece) } }
    }

    @Test("has limits: its header, its body, and what waits of a stream")
    func limits() throws {
        let long = String(repeating: "x", count: HTTPResponse.mostHead)
        #expect(throws: HTTPResponseError.self) { try read("HTTP/1.1 200 OK\r\nA: \(long)", close: false) }
        let many = String(repeating: "A: b\r\n", count: HTTPResponse.mostHead / 6 + 1)
        #expect(throws: HTTPResponseError.self) { try read("HTTP/1.1 200 OK\r\n" + many, close: false) }
        let body = String(repeating: "x", count: 1001)
        #expect(throws: HTTPResponseError.self) { try read("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n\(body)") }
        #expect(throws: HTTPResponseError.self) { try read("HTTP/1.1 200 OK\r\n\r\n\(body)") }
        var stream = try read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", close: false)
        for _ in 0..<100_000 {
            try stream.receive(Array("1\r\nx\r\n".utf8))
            #expect(stream.takeBody() == [UInt8(ascii: "x")])
        }
        #expect(!stream.isComplete)
    }

    @Test("[fuzz] no bytes trap, and the cuts between them do not matter")
    func fuzz() throws {
        var generator = Fuzz.generator("an HTTP answer")
        for round in Fuzz.rounds() {
            var bytes = Array((HTTPResponseTests.answers.randomElement(using: &generator)?.text ?? "").utf8)
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &generator)], at: index)
                }
            }
            let whole = outcome(bytes, pieces: [bytes.count])
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let cuts = outcome(bytes, pieces: [cut, 1, bytes.count])
            #expect(whole == cuts, "round \(round), \(generator.note)")
        }
    }

    /// What comes of bytes in pieces: status and body of a complete answer, nil of none.
    private func outcome(_ bytes: [UInt8], pieces: [Int]) -> [Int]? {
        var response = HTTPResponse(mostBody: 64)
        var rest = bytes[...]
        do throws(HTTPResponseError) {
            for piece in pieces {
                try response.receive(Array(rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
            try response.close()
        } catch {
            return nil
        }
        return [response.status ?? 0] + response.takeBody().map(Int.init)
    }
}
