import BerthJSON
import BerthPluginKit
import Glibc
import Testing

@testable import SitePolicy

@Suite("The policy of a site") struct SitePolicyTests {
    private static let rules: JSONValue = [
        [
            "name": "no_gpu_at_night", "groups": [50], "hours": "22:00-06:00", "where": ["/resources/gpu": "present"],
            "deny": "the team has no GPUs at night", "at": "/resources/gpu", "hint": "ask again at 06:00",
        ],
        [
            "name": "cost_centre", "where": ["/labels/cost_centre": "absent"],
            "deny": "every reservation names a cost centre",
        ],
        ["name": "big", "users": [7], "where": ["/resources/cpu": "> 8"], "deny": "too many CPUs"],
        ["name": "lease", "where": ["/lease": "absent"], "set": ["/lease": "1h"]],
    ]

    /// A moment of a day in November 2026, by the clock of whoever runs this; the 25th is a Wednesday.
    private static func moment(_ minutes: Int, day: Int32 = 25) -> time_t {
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_isdst) = (126, 10, day, -1)
        (parts.tm_hour, parts.tm_min) = (Int32(minutes / 60), Int32(minutes % 60))
        return mktime(&parts)
    }

    /// The same as the agent writes it.
    private static func text(_ moment: time_t) -> String {
        var (moment, parts, text) = (moment, tm(), [CChar](repeating: 0, count: 64))
        gmtime_r(&moment, &parts)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S.000Z", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func policy(at minutes: Int = 0, _ rules: JSONValue = rules) throws -> SitePolicy {
        let now = moment(minutes)
        var policy = SitePolicy(now: { now })
        try policy.start(Start(configuration: ["rules": rules], agent: AgentLine { _ in }))
        return policy
    }

    private static func broken(_ request: JSONObject, user: Int64 = 1, groups: [Int64] = [], at minutes: Int = 0) throws
        -> [String]
    {
        try policy(at: minutes).validate(Question(.reserve, request: request, user: user, groups: groups)).map(\.code)
    }

    @Test("denies what a rule is about, and nothing else")
    func deny() throws {
        let gpu: JSONObject = ["resources": ["gpu": ["amount": 1]], "labels": ["cost_centre": "1"]]
        #expect(try Self.broken(gpu, groups: [50, 60], at: 23 * 60) == ["no_gpu_at_night"])
        #expect(try Self.broken(gpu, groups: [50], at: 6 * 60) == [])
        #expect(try Self.broken(gpu, groups: [60], at: 23 * 60) == [])
        #expect(try Self.broken(["resources": ["cpu": 9], "labels": [:]], user: 7) == ["cost_centre", "big"])
        #expect(try Self.broken(["resources": ["cpu": ["amount": 8]], "labels": [:]], user: 7) == ["cost_centre"])
    }

    @Test("goes by the moment of the start too, where that is to come")
    func start() throws {
        func codes(start: time_t, at minutes: Int = 12 * 60) throws -> [String] {
            let request: JSONObject = [
                "resources": ["gpu": ["amount": 1]], "labels": ["cost_centre": "1"], "lease": "1h",
                "start": .string(Self.text(start)),
            ]
            return try Self.broken(request, groups: [50], at: minutes)
        }
        #expect(try codes(start: Self.moment(23 * 60)) == ["no_gpu_at_night"])
        #expect(try codes(start: Self.moment(13 * 60)) == [])
        #expect(try codes(start: Self.moment(13 * 60), at: 5 * 60) == ["no_gpu_at_night"])
        // Of a resize: it has begun, and now is what counts.
        #expect(try codes(start: Self.moment(23 * 60, day: 24)) == [])
        let weekend = try Self.policy(at: 12 * 60, [["name": "weekend", "days": ["sat"], "set": ["/lease": "2h"]]])
        for (day, pointers) in [(Int32(28), ["/lease"]), (27, [])] {
            let request: JSONObject = ["start": .string(Self.text(Self.moment(60, day: day))), "lease": "1h"]
            #expect(
                weekend.amend(Question(.reserve, request: request, user: 1, groups: [])).map(\.pointer) == pointers)
        }
    }

    @Test(
        "reads moments",
        arguments: [
            ("1970-01-02T00:00:01Z", 86_401), ("1970-01-02t00:00:01.999z", 86_401),
            ("1970-01-02 02:00:00+02:00", 86_400),
            ("1970-01-01T22:30:00-01:30", 86_400), ("1970-01-02", nil), ("1970-01-02T00:00:01", nil),
            ("1970-01-02T00:00:01+1", nil), ("noon", nil), ("", nil),
        ] as [(String, time_t?)])
    func moments(text: String, seconds: time_t?) { #expect(Moment.seconds(text) == seconds) }

    @Test("denies what would do as well, and puts nothing into the first for the sake of another")
    func alternatives() throws {
        let small: JSONObject = [
            "resources": ["cpu": ["amount": 1]], "labels": ["cost_centre": "1"],
            "alternatives": [["memory": ["amount": 1]], ["cpu": ["amount": 64]]],
        ]
        #expect(try Self.broken(small, user: 7) == ["big"])
        let policy = try Self.policy(
            at: 0, [["name": "a", "where": ["/resources/cpu": "> 8"], "set": ["/resources/pids": 5, "/lease": "1h"]]])
        let question = Question(.reserve, request: small, user: 7, groups: [])
        #expect(policy.amend(question).map(\.pointer) == ["/lease"])
    }

    @Test("puts in what a request lacks, once")
    func set() throws {
        let policy = try Self.policy()
        var question = Question(.reserve, request: ["labels": [:]], user: 1, groups: [])
        #expect(policy.amend(question).map(\.pointer) == ["/lease"])
        question.request["lease"] = "1h"
        #expect(policy.amend(question).isEmpty)
    }

    @Test(
        "compares as it says",
        arguments: [
            ("present", "1", true), ("absent", "1", false), ("= 1", "1", true), ("= a b", #""a b""#, true),
            ("!= x", #""y""#, true), ("< 2", "1.5", true), ("<= 2", "2", true), ("> 2", "2", false),
            (">= 2", "2", true),
            ("> 1", #""x""#, false), ("> 3600", #""1h""#, false), ("> 3600", #""1h1s""#, true),
            ("<= 1h30m", #""90m""#, true), ("< 1h", "3599", true), ("= true", "true", true),
            ("> 1", #"{"amount": 2, "limit": 3}"#, true),
        ])
    func conditions(text: String, value: String, holds: Bool) throws {
        #expect(try Condition(text).holds(of: try JSONValue(parsing: value)) == holds)
    }

    @Test(
        "knows hours over midnight",
        arguments: [
            ("22:00-06:00", 1380, true), ("22:00-06:00", 360, false), ("08:00-18:00", 480, true),
            ("08:00-24:00", 1439, true),
        ])
    func hours(text: String, minutes: Int, isIn: Bool) throws { #expect(try Hours(text).contains(minutes) == isIn) }

    @Test(
        "refuses rules that make no sense",
        arguments: [
            [["name": "a"]], [["name": "a", "deny": "x", "set": ["/a": 1]]],
            [["name": "a", "deny": "x", "hours": "8-9"]],
            [["name": "a", "deny": "x", "users": ["no such user"]]],
            [["name": "a", "deny": "x", "where": ["/a": "> x"]]],
            [["name": "a", "deny": "x", "where": ["a": "present"]]], [["deny": "x"]],
        ] as [JSONValue])
    func refused(rules: JSONValue) { #expect(throws: (any Error).self) { try Self.policy(rules) } }
}
