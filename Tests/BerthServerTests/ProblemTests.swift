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

    private static let time = Timestamp(milliseconds: 1_795_472_100_000)

    @Test("of what is promised to another names its reservation where the asker may know of it")
    func promised() {
        #expect(
            Problem(.refused(.wouldRunInto(Self.id, Self.time))).members["reservation"] == .string(Self.id.description))
        let hidden = Problem(.refused(.wouldRunInto(nil, Self.time)))
        #expect(hidden.code == .wouldDelay && hidden.members["start"] == "2026-11-23T22:15:00.000Z")
        #expect(hidden.members.map(\.key) == ["start", "violations"])
        #expect(!JSONValue.object(hidden.members).description.contains(Self.id.description))
    }

    @Test("of maintenance that comes again says that waiting does not help without a lease")
    func maintenance() {
        for isWeekly in [false, true] {
            let window = MaintenanceWindow(id: "a", start: Self.time, end: Self.time + .seconds(60), isWeekly: isWeekly)
            let problem = Problem(.refused(.maintenance(window, from: window.start, until: window.end)))
            #expect(problem.members["repeat"] == (isWeekly ? "weekly" : nil))
            #expect(problem.hint?.contains("every week") == isWeekly)
        }
    }

    @Test("of maintenance at a start tell neither to wait nor to ask for less", arguments: [-1, 0, 1] as [Int64])
    func maintenanceAtStart(begins: Int64) {
        let window = MaintenanceWindow(id: "a", start: Self.time + .seconds(begins), end: Self.time + .seconds(60))
        let inner = Refusal.maintenance(window, from: window.start, until: window.end)
        let refused = Refusal.notThen([inner], at: Self.time, first: nil)
        let lease = #"say a "lease" that is over by then, or another "start""#
        let hint = begins > 0 ? lease : #"ask for another "start""#
        #expect(Problem(.refused(refused)).hint == hint)
        #expect(refused.violations().first?[JSONPointer(["hint"])] == .string(hint))
    }

    @Test("of one that waits never tell to wait")
    func waiting() {
        let short = Shortfall(.cpu, asked: Quantity(2000), free: Quantity(1000), capacity: Quantity(4000))
        let window = MaintenanceWindow(id: "a", start: Self.time, end: Self.time + .seconds(60))
        let inner: [Refusal] = [
            .insufficient([short], ever: true), .wouldDelay(3),
            .maintenance(window, from: window.start, until: window.end),
            .wouldRunInto(nil, Self.time), .noneFits([.insufficient([short], ever: true)]),
        ]
        for refusal in inner {
            let hints = refusal.violations(for: .waiting).map(hint)
            #expect(!hints.isEmpty && !hints.contains { $0.isEmpty || $0.contains("\"wait\"") }, "\(hints)")
            let asked = refusal.violations().map(hint)
            #expect(asked.allSatisfy { $0.contains("\"wait\"") }, "\(asked)")
        }
    }

    @Test("of one that holds something never tell to wait, and of one that waited say it in another way")
    func holding() {
        let short = Shortfall(.cpu, asked: Quantity(2000), free: Quantity(1000), capacity: Quantity(4000))
        let window = MaintenanceWindow(id: "a", start: Self.time, end: Self.time + .seconds(60))
        let maintenance = Refusal.maintenance(window, from: window.start, until: window.end)
        for refusal in [.insufficient([short], ever: true), .wouldDelay(3), maintenance, .wouldRunInto(nil, Self.time)]
        {
            let error = AgentError.refused(refusal)
            let (now, held) = (Problem(error), Problem(error, for: .holding))
            #expect(now.hint?.contains("\"wait\"") == true)
            #expect(held.hint?.isEmpty == false && held.hint?.contains("wait") == false, "\(held.hint ?? "")")
            #expect(held.members["violations"] == .array(refusal.violations(for: .holding)))
            let waited = Problem(error, for: .waited)
            #expect(waited.hint?.contains("\"wait\"") == true)
            #expect((waited.hint == now.hint) == (refusal == maintenance))
        }
    }

    private func hint(_ violation: JSONValue) -> String {
        if case .string(let hint)? = violation[JSONPointer(["hint"])] { hint } else { "" }
    }

    @Test("of a promise that it is not changed before its start")
    func unchanged() {
        var request = ReservationRequest(resources: Resources([]), lease: .seconds(60))
        request.start = Self.time
        let reservation = Reservation(
            id: Self.id, user: 1, waiting: Waiting(request: request, caps: Caps()), retry: nil, createdAt: Self.time,
            expiresAt: Self.time, deadline: 0)
        let problem = Problem(.promised(reservation))
        #expect(problem.code == .pending && problem.hint?.contains("release it, and ask anew") == true)
        #expect(problem.members["start"] == .string(Self.time.description))
    }

    @Test("never say that nobody waits before one")
    func nobody() {
        #expect(!Problem(.refused(.wouldDelay(0))).detail.contains("wait"))
        let kept = Problem(.refused(.wouldKeepWaiting(2)))
        #expect(kept.code == .wouldDelay && kept.detail.contains("2 in the queue") && kept.members["waiting"] == 2)
    }

    @Test("of a start never tell to wait, and say what is inside", arguments: [true, false])
    func start(ever: Bool) {
        let short = Shortfall(
            .cpu, asked: Quantity(2000), free: Quantity(1000), capacity: Quantity(ever ? 4000 : 1000))
        let inner: [Refusal] = [
            .insufficient([short], ever: ever), .wouldDelay(3), .noneFits([.insufficient([short], ever: ever)]),
        ]
        for refusal in inner {
            let refused = Refusal.notThen([refusal], at: Self.time, first: nil)
            let problem = Problem(.refused(refused))
            #expect(problem.hint?.isEmpty == false && problem.hint?.contains("wait") == false)
            #expect(problem.detail.hasPrefix("at 2026-11-23T22:15:00.000Z: ") && problem.members["start"] != nil)
            #expect(refused.violations().count == refusal.violations().count)
            #expect(!refused.violations().contains { $0.description.contains("\\\"wait\\\"") })
        }
        let later = Problem(.refused(.notThen(inner, at: Self.time, first: Self.time + .seconds(60))))
        #expect(later.members["first_start"] == "2026-11-23T22:16:00.000Z")
        #expect(later.hint == "from 2026-11-23T22:16:00.000Z on it would fit")
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
