import ArgumentParser
import BerthJSON
import Testing

@testable import berth

@Suite("The options for what else will do") struct RequestOptionsTests {
    private func body(_ arguments: [String]) throws -> JSONValue {
        try RequestOptions.parse(arguments).body(try ResourceOptions.parse(["--cpu", "1"]))
    }

    @Test(
        "become members of a request",
        arguments: [
            (["--or", "cpu=4,memory=8GiB"], "alternatives", #"[{"cpu":{"amount":"4"},"memory":{"amount":"8GiB"}}]"#),
            (
                [
                    "--or", "exclusive-cpu=2..4,gpu=1,gpu.vram>=40GiB,gpu.model=H200", "--or",
                    "a.b/seat=1,a.b/seat.kind=x",
                ],
                "alternatives",
                #"""
                [{"cpu":{"amount":"4","minimum":"2","exclusive":true},
                "gpu":{"amount":"1","where":{"vram":">=40GiB","model":"H200"}}},
                {"a.b/seat":{"amount":"1","where":{"kind":"x"}}}]
                """#
            ),
            (["--signal", "SIGUSR1@60"], "signal", #"{"name":"USR1","before":"60"}"#),
            (["--signal", "usr2"], "signal", #"{"name":"USR2"}"#), (["--priority", "-5"], "priority", "-5"),
            (["--start", "2026-12-01T02:00:00Z", "--lease", "1h"], "start", #""2026-12-01T02:00:00Z""#),
            (["--requeue"], "requeue", "true"),
            (["--near", "app=db,tier=1"], "affinity", #"[{"labels":{"app":"db","tier":"1"}}]"#),
            (
                ["--apart", "00000000000a,unit,preferred", "--apart", "app=db"], "anti_affinity",
                #"[{"reservation":"00000000000a","by":"unit","preferred":true},{"labels":{"app":"db"}}]"#
            ),
        ])
    func members(arguments: [String], member: String, expected: String) throws {
        #expect(try body(arguments)[member] == JSONValue(parsing: expected))
    }

    @Test(
        "are refused where they make no sense",
        arguments: [
            ["--or", "cpu"], ["--or", ""], ["--or", "cpu=1,,gpu=1"], ["--or", "cpu=1,exclusive-cpu=1"],
            ["--or", "gpu.model=H200"], ["--or", "cpu=1.."], ["--near", "db"], ["--near", "preferred"],
            ["--near", "app=db,00000000000a"], ["--apart", "app="], ["--apart", "app=db,00000000000a0"],
            ["--gang", "train:2"], ["--start", "+2h"], ["--start", "2026-12-01T02:00:00Z"],
            ["--start", "+2h", "--lease", "1h", "--wait", "1h"],
            ["--start", "+2h", "--lease", "1h", "--wait", "1h", "--gang", "train:2"],
            ["--start", "+2h", "--gang", "train:2"],
        ])
    func refusal(arguments: [String]) throws {
        let failure = #expect(throws: CommandFailure.self) { try body(arguments) }
        #expect(failure?.status == 2)
    }

    @Test("a start of now is none, and needs nothing", arguments: [[], ["--wait", "1m"], ["--lease", "1h"]])
    func now(others: [String]) throws { #expect(try body(["--start", "now"] + others)["start"] == nil) }

    @Test("a start that is another time with each try goes with no key, and is told as the time it is now")
    func key() throws {
        let resources = try ResourceOptions.parse(["--cpu", "1"])
        for start in ["+2h", "now+2h"] {
            let options = try RequestOptions.parse(["--start", start, "--lease", "1h"])
            let failure = #expect(throws: CommandFailure.self) { try options.body(resources, key: "k") }
            #expect(failure?.status == 2 && failure?.hint?.contains("--start 20") == true)
        }
        let options = try RequestOptions.parse(["--start", "2026-12-01T02:00:00Z", "--lease", "1h"])
        #expect(try options.body(resources, key: "k")["start"] == "2026-12-01T02:00:00Z")
    }

    @Test("what would be granted is told with why it is not more, and not what was asked first")
    func explanation() throws {
        let answer = try JSONValue(
            parsing: #"""
                {"granted":true,"state":"partial","alternative":1,"resources":{"cpu":{"amount":4,"asked":8,"minimum":2}},
                "units":[],"passed":[{"detail":"no gpu"},{"detail":"no seat"}],"short":{"detail":"8 asked, 4 free"}}
                """#)
        #expect(
            ExplanationText.granted(answer) == """
                alternative 2 would be granted, in part:
                  cpu 4, asked: 8, at least 2
                why not more: 8 asked, 4 free
                why not what is asked first: no gpu
                why not alternative 1: no seat

                """)
    }

    @Test(
        "are named where what they say is wrong",
        arguments: [
            ("/alternatives/0/cpu", "--or"), ("/affinity", "--near"), ("/anti_affinity", "--apart"),
            ("/resources/gpu/prefer/model", "--prefer gpu.model"), ("/resources/cpu/minimum", "--cpu"),
        ])
    func option(pointer: String, option: String) { #expect(AgentProblem.option(at: pointer) == option) }
}
