import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Testing

@testable import BerthServer

@Suite("Problems") struct ProblemTests {
    @Test("are documents of RFC 9457 with a code", arguments: ProblemCode.allCases)
    func document(code: ProblemCode) throws {
        let json = try JSONValue(parsing: Problem(code, "why", pointer: "/a", hint: "do", members: ["x": 1]).bytes)
        #expect(
            json == [
                "type": .string("/problems/\(code.rawValue)"), "title": .string(code.title),
                "status": JSONValue(code.status), "code": .string(code.rawValue), "detail": "why", "pointer": "/a",
                "hint": "do", "x": 1,
            ])
        #expect(400..<600 ~= code.status)
    }

    private static let id = ReservationID(bits: 7)

    @Test(
        "say what the agent did not do",
        arguments: [
            (.refused(.unknown(id)), 404, "unknown"), (.refused(.notYours(id)), 403, "not_yours"),
            (.refused(.ended(id)), 410, "ended"), (.refused(.keyReused("k")), 422, "key_reused"),
            (.refused(.insufficient([], ever: true)), 409, "insufficient"),
            (.refused(.invalid([Violation(code: "c", pointer: "/p", message: "m", hint: "h")])), 422, "invalid"),
            (.refused(.overCap(.reservations(3))), 429, "too_many"),
            (.refused(.overCap(.lease(.seconds(1)))), 409, "cap"),
            (.refused(.overCap(.quantity(.cpu, cap: .zero, held: .zero, asked: .zero))), 409, "cap"),
            (.refused(.unenforceable([Receipt(.cpu, status: .advisory)])), 409, "unenforceable"),
            (.roleNeeded(.admin), 403, "role"), (.attach(.gone(pid: 1)), 422, "no_process"),
            (.attach(.notYours(pid: 1)), 403, "not_yours"),
            (.attach(.heldElsewhere(pid: 1, id)), 409, "held_elsewhere"),
            (.attach(.untouchable(pid: 1, "the first process")), 422, "invalid"),
            (.attach(.kernel("EPERM")), 409, "enforcement"), (.ledger(LedgerError("EIO")), 503, "ledger"),
            (.unavailable("later"), 503, "unavailable"), (.compacted(oldest: 3), 410, "compacted"),
        ] as [(AgentError, Int, String)])
    func mapping(error: AgentError, status: Int, code: String) {
        let problem = Problem(error)
        #expect(problem.code.status == status)
        #expect(problem.code.rawValue == code)
        #expect(problem.retryAfter == (status == 503 ? 1 : nil))
        #expect(!problem.detail.isEmpty || code == "insufficient")
    }

    @Test("a body that is no JSON says where and what would have been")
    func syntax() throws {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: "{\n\"a\" 1}") }
        let problem = Problem(try #require(error))
        #expect(problem.code == .malformed)
        #expect(problem.members == ["line": 2, "column": 5, "offset": 6])
        #expect(problem.expected == "\":\"")
    }

    @Test("a field with an endless name is told of in short")
    func longName() throws {
        let name = String(repeating: "x", count: 1_000_000)
        let problem = Problem(JSONFieldError.unknown(at: JSONPointer(["resources", name]), known: ["cpu"]))
        #expect(problem.pointer == "/resources")
        #expect(problem.bytes.count < 1000)
    }
}
