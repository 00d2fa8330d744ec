import BerthJSON
import BerthModel
import Testing

@testable import berth

@Suite("A problem of the agent")
struct AgentProblemTests {
    @Test(
        "names the option that the person wrote",
        arguments: [
            ("/resources/memory", "--memory"), ("/resources/cpu/amount", "--cpu"),
            ("/resources/cpu/limit", "--limit-cpu"),
            ("/resources/gpu/where/model", "--where gpu.model"), ("/resources/gpu/where", "--where gpu"),
            ("/resources/gpu/where/vram/1", "--where gpu.vram"), ("/resources/storage/0/write_iops", "--io-write-iops"),
            ("/resources/storage/0/weight", "--io-weight"),
            ("/resources/storage/0/device", "--io-read, --io-write, …"), ("/lease", "--lease"),
            ("/labels", "--label"), ("/labels/a~1b", "--label a/b"), ("/resources/a.b~1seat", "--resource a.b/seat"),
            ("/resources/a.b~1seat/minimum", "--resource a.b/seat"),
            ("/resources/a.b~1seat/where/kind", "--where a.b/seat.kind"), ("/resources/memory/swap", "--swap"),
            ("/resources/memory/oom", "--oom"), ("/resources/memory/guarantee", "--memory-guarantee"),
            ("/gang", "--gang"), ("/gang/size", "--gang size"), ("/size", "--size"), ("/max/cpu", "--max cpu"),
            ("/give_back", "--give-back"), ("/resources/cpu~2", nil),
            ("/pid", nil), ("/resources", nil), ("", nil), ("x", nil), ("/", nil),
        ] as [(String, String?)])
    func option(pointer: String, option: String?) { #expect(AgentProblem.option(at: pointer) == option) }

    @Test("is a sentence, and what the person can do")
    func sentence() {
        let problem: JSONValue = [
            "code": "invalid", "pointer": "/resources/memory", "expected": "bytes",
            "detail": #"at /resources/memory: "memory" is "4X""#,
        ]
        let failure = AgentProblem(problem, status: 422).failure
        #expect(failure.description == "--memory is \"4X\"\n       expected: bytes")
        #expect(failure.code == "invalid" && failure.document == problem && failure.status == 1)
    }

    @Test("is told without an option where the command has an argument")
    func argument() {
        let speech = CommandSpeech(arguments: ["pool"])
        for (detail, sentence) in [
            (#"at /pool: "pool" is "a/b", no name of a pool"#, #"the pool is "a/b", no name of a pool"#),
            ("there is no pool nowhere", "there is no pool nowhere"),
        ] {
            let problem: JSONValue = ["code": "invalid", "pointer": "/pool", "detail": .string(detail)]
            #expect(AgentProblem(problem, status: 422, speech: speech).failure.message == sentence)
            #expect(AgentProblem(problem, status: 422).failure.message.hasPrefix("--pool"))
        }
    }

    @Test(
        "is told by the command's own options",
        arguments: [
            ("/end", "--for"), ("/resources/gpu/0", "--gpu"), ("/resources/network", "--unit"),
            ("/resources/cpu", "--type"), ("/lease", "--lease"), ("/endless", "at /endless"),
        ])
    func speech(pointer: String, option: String) {
        let speech = CommandSpeech(
            options: [
                "/end": "--for", "/resources": "--unit", "/resources/gpu": "--gpu", "/resources/cpu": "--type",
            ])
        let problem: JSONValue = [
            "code": "invalid", "pointer": .string(pointer), "detail": .string("at \(pointer): no"),
        ]
        #expect(AgentProblem(problem, status: 422, speech: speech).failure.message.hasPrefix("\(option): no"))
    }

    @Test(
        "says what helps beside what is promised and maintenance, by what the command can do",
        arguments: [
            (["code": "maintenance"], nil, "a --lease that is over by then, or --wait 10h until it is over"),
            (["code": "maintenance", "repeat": "weekly"], nil, "it comes again every week, so --wait helps only with"),
            (["code": "maintenance", "repeat": "weekly"], "a shorter --lease", "a shorter --lease; berth maintenance"),
            (["code": "would_delay", "start": "T"], nil, "or --wait 10h until that one has ended"),
            (["code": "would_delay", "start": "T"], "a shorter --lease", "a shorter --lease"),
            (["code": "would_delay", "waiting": 1], "a shorter --lease", "a shorter --lease"),
            (["code": "would_delay", "waiting": 1], nil, "--wait 10m waits in turn"),
            (
                ["code": "would_delay", "waiting": 1, "start": "T", "hint": #"for another "start""#], nil,
                "for another --start"
            ),
            (["code": "maintenance", "first_start": "T2"], nil, "from T2 on it would fit"),
            (["code": "quota", "first_start": "T2", "hint": "x"], nil, "from T2 on it would fit"),
            (
                ["code": "insufficient", "start": "T", "ever": false, "hint": "ask for less: no"], nil,
                "ask for less: no"
            ),
            (
                ["code": "insufficient", "start": "T", "ever": true, "hint": #"for another "start""#], nil,
                "for another --start; berth list shows who holds it by then"
            ),
            (["code": "insufficient", "ever": true], "ask for less", "ask for less; berth status"),
        ] as [(JSONValue, String?, String)])
    func hint(problem: JSONValue, instead: String?, hint: String) {
        let told = AgentProblem(problem, status: 409, speech: CommandSpeech(instead: instead)).failure.hint ?? ""
        #expect(told.contains(hint))
        #expect(instead == nil || !told.contains("--wait"))
        #expect(problem["ever"] != false && problem["first_start"] == nil || told == hint)
    }

    @Test(
        "says of maintenance how long it is to its end, and nothing of a lease while it is on",
        arguments: [
            ("2026-12-01T02:00:00Z", nil, nil, "--wait 2h10m until it is over; berth"),
            (
                "2026-12-01T03:00:00Z", nil, nil,
                "a --lease that is over by then, or --wait 2h10m until it is over; berth"
            ),
            (
                "2026-12-01T02:00:00Z", "weekly", nil,
                "--wait 2h10m until it is over, and a --lease: it comes again every"
            ),
            (
                "2026-12-01T02:00:00Z", nil, #"ask for another "start""#,
                "ask for another --start; berth maintenance list"
            ),
        ] as [(String, String?, String?, String)])
    func maintenance(start: String, again: String?, hint: String?, told: String) throws {
        var problem: JSONObject = [
            "code": "maintenance", "start": .string(start), "end": "2026-12-01T04:10:00.000Z",
        ]
        problem["repeat"] = again.map { .string($0) }
        problem["hint"] = hint.map { .string($0) }
        let now = try Timestamp(parsing: "2026-12-01T02:00:30Z")
        // What is said to what asks for a start is the agent's.
        let speech = CommandSpeech(hasStart: hint != nil)
        #expect(
            AgentProblem(.object(problem), status: 409, speech: speech, now: now).failure.hint?.hasPrefix(told) == true)
    }

    @Test("says what to do about a promise, and about what waits")
    func pending() {
        let promised: JSONValue = ["code": "pending", "start": "T", "hint": "release it, and ask anew"]
        #expect(AgentProblem(promised, status: 409).failure.hint == "release it, and ask anew")
        #expect(
            AgentProblem(["code": "pending", "hint": "x"], status: 409).failure.hint?.contains("berth show") == true)
    }

    @Test(
        "says options where the agent says members of a request",
        arguments: [
            (#"say "size": 4 with the first arrival"#, "say --size 4 with the first arrival"),
            (#"ask for less, or say "wait": "10m" to wait"#, "ask for less, or say --wait 10m to wait"),
            ("or say ?drain=true to have it go", "or say --drain to have it go"),
            (#"say a "lease" that is over, or "wait" until"#, "say a --lease that is over, or --wait 10h until"),
            (#"expected: {"cpu": "all"}"#, "expected: --type cpu"),
            (#"ask for less, or for another "start""#, "ask for less, or for another --start"),
            (#"the name "size": is nobody's"#, #"the name "size": is nobody's"#),
        ])
    func words(agent: String, person: String) {
        let problem: JSONValue = ["code": "x", "detail": .string(agent), "hint": .string(agent)]
        #expect(AgentProblem(problem, status: 422).failure.description == "\(person)\n       \(person)")
    }

    @Test("names the option of what stands in the query")
    func parameter() {
        let problem: JSONValue = ["code": "invalid", "parameter": "wait", "detail": "\"2h\" is no time"]
        #expect(AgentProblem(problem, status: 422).failure.message == "--wait: \"2h\" is no time")
    }

    @Test("says how a reservation ended that nothing more can be done with")
    func ended() {
        let failure = AgentProblem(
            ["code": "ended", "detail": "it has ended", "reason": "lease", "ended_at": "2026-11-23T23:57:43.546Z"],
            status: 410
        ).failure
        #expect(failure.message == "it has ended: its lease is over, 2026-11-23 23:57:43Z")
    }

    @Test(
        "cannot steer the terminal, and no document is too strange",
        arguments: [
            ["detail": "a\u{1B}[2J"], "x", [], 1, nil, ["detail": 1], ["detail": "a", "pointer": 1, "hint": []],
        ] as [JSONValue])
    func hostile(document: JSONValue) {
        let text = AgentProblem(document, status: 500).failure.description
        #expect(!text.unicodeScalars.contains("\u{1B}") && !text.isEmpty)
    }
}
