import BerthJSON
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
        for (detail, sentence) in [
            (#"at /pool: "pool" is "a/b", no name of a pool"#, #"the pool is "a/b", no name of a pool"#),
            ("there is no pool nowhere", "there is no pool nowhere"),
        ] {
            let problem: JSONValue = ["code": "invalid", "pointer": "/pool", "detail": .string(detail)]
            #expect(AgentProblem(problem, status: 422, arguments: ["pool"]).failure.message == sentence)
            #expect(AgentProblem(problem, status: 422).failure.message.hasPrefix("--pool"))
        }
    }

    @Test(
        "says options where the agent says members of a request",
        arguments: [
            (#"say "size": 4 with the first arrival"#, "say --size 4 with the first arrival"),
            (#"ask for less, or say "wait": "10m" to wait"#, "ask for less, or say --wait 10m to wait"),
            ("or say ?drain=true to have it go", "or say --drain to have it go"),
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
